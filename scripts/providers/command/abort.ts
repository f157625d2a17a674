import { setMaxListeners } from "node:events";

/** Calls the listener once the signal is aborted, or already is. Returns how to forget it. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  // All commands that run at the same time listen to the same signal.
  setMaxListeners(0, signal);
  if (signal.aborted) listener();
  else signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
