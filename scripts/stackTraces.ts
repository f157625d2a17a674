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
