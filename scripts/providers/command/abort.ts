import { setMaxListeners } from "node:events";

/** Calls the listener on abort, or at once after one. Returns a function that removes the listener. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  // All commands that run at the same time listen to the same signal, so Node's limit is lifted.
  setMaxListeners(0, signal);
  if (signal.aborted) listener();
  else signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
