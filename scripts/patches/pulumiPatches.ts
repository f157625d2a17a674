import type * as pulumi from "@pulumi/pulumi";
import { isWrittenFor } from "./writtenFor";

/** The version of @pulumi/pulumi that these patches were written for. */
export const pulumiVersion = "3.259.0";

/** Applies the patches that make a preview faster. */
export function patchPulumi(log: { debug: typeof pulumi.log.debug }): void {
  if (!isWrittenFor("@pulumi/pulumi", pulumiVersion)) return;
  skipPromiseTraces();
  skipSourcePositions();
  skipDebugMessages(log);
}

/**
 * Pulumi keeps a stack trace with each of its promises, for its own developers. To make, format and map
 * all of them takes half a second of a preview of `dev`. Without them a promise that never ends is still
 * reported, and the traces of errors stay as they are.
 */
export function skipPromiseTraces(promises = pulumiPromises()): void {
  const traced = promises.debuggablePromise;
  promises.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return traced(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}

interface PromiseKeeper {
  debuggablePromise: <T>(promise: Promise<T>, context: unknown) => Promise<T>;
}

/** The SDK's own module, which has no types. All its others call the function through it. */
export const pulumiPromises = () =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it has to be the object that they call
  require("@pulumi/pulumi/runtime/debuggable") as PromiseKeeper;

/**
 * The SDK tells the engine from which lines of the program each resource comes, and maps the frames of each to
 * TypeScript. Nothing here shows these lines.
 */
export function skipSourcePositions(resource = resourceClass()): void {
  resource.callsites = () => [];
}

interface ResourceClass {
  callsites: () => NodeJS.CallSite[];
}

/** The base of all resources, with what the SDK's types leave out. */
const resourceClass = () =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded by the program already
  (require("@pulumi/pulumi") as { Resource: unknown }).Resource as ResourceClass;

/**
 * The SDK sends each of its debug messages to the engine and waits for one before it sends the next:
 * a quarter of a second of a preview of `dev`, for messages that only `pulumi --debug` shows.
 * LATERBASE_DEBUG=yes keeps them.
 */
export function skipDebugMessages(log: { debug: typeof pulumi.log.debug }): void {
  if (process.env["LATERBASE_DEBUG"]) return;
  log.debug = () => Promise.resolve();
}
