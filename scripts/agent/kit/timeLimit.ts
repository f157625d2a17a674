import { Failure } from "./failure";
import { duration } from "./figures";

/**
 * A signal that ends work when the caller does, or after a configured time.
 *
 * @param key the configuration's key that sets the time
 */
export function timeLimit(
  seconds: number,
  key: string,
  caller: AbortSignal,
): { signal: AbortSignal; clear: () => void } {
  const limit = new AbortController();
  const reason = `It was ended after ${duration(seconds)}, the limit that ${key} sets.`;
  const timer = setTimeout(() => limit.abort(new Failure(reason)), seconds * 1000);
  return { signal: AbortSignal.any([caller, limit.signal]), clear: () => clearTimeout(timer) };
}
