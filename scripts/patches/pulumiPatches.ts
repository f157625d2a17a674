import type * as pulumi from "@pulumi/pulumi";
import { isWrittenFor } from "./writtenFor";

/** The version of @pulumi/pulumi that these patches were written for. */
export const pulumiVersion = "3.259.0";

/** Applies the patches that make a preview faster. */
export function patchPulumi(log: { debug: typeof pulumi.log.debug }): void {
  if (!isWrittenFor("@pulumi/pulumi", pulumiVersion)) return;
  skipPromiseTraces();
  skipDebugMessages(log);
}

/**
 * Pulumi keeps a stack trace with each of its promises, to report the ones that never end. Mapping all
 * of them to TypeScript takes half a second of a preview of `dev`; the traces of errors stay mapped.
 */
export function skipPromiseTraces(): void {
  const found = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const mapped = found?.value as ((error: Error, frames: NodeJS.CallSite[]) => unknown) | undefined;
  if (!mapped) return;
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise" ? String(error) : mapped(error, frames);
}

/**
 * The SDK sends each of its debug messages to the engine and waits for one before it sends the next:
 * a quarter of a second of a preview of `dev`, for messages that only `pulumi --debug` shows.
 * LATERBASE_DEBUG=yes keeps them.
 */
export function skipDebugMessages(log: { debug: typeof pulumi.log.debug }): void {
  if (process.env["LATERBASE_DEBUG"]) return;
  log.debug = () => Promise.resolve();
}
