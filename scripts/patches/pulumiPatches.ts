import type * as pulumi from "@pulumi/pulumi";

/**
 * Pulumi keeps a stack trace with each of its promises, to tell of one that never ends. Mapping all of
 * them to TypeScript takes half a second of a preview of `dev`; the traces of errors stay mapped.
 */
export function spareStackTraces(): void {
  const found = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const mapped = found?.value as ((error: Error, frames: NodeJS.CallSite[]) => unknown) | undefined;
  if (!mapped) return;
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise" ? String(error) : mapped(error, frames);
}

/**
 * The SDK sends each of its debug messages to the engine and waits for one before it sends the next:
 * a quarter of a second of a preview of `dev`, for words that only `pulumi --debug` shows.
 * LATERBASE_DEBUG=yes brings them back.
 */
export function spareDebugMessages(log: { debug: typeof pulumi.log.debug }): void {
  if (process.env["LATERBASE_DEBUG"]) return;
  log.debug = () => Promise.resolve();
}
