import { Failure } from "./failure";
import { duration } from "./figures";

/** Node ends a longer timer at once. */
const longestMs = 2 ** 31 - 1;

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
  let timer: NodeJS.Timeout | undefined;
  const wait = (ms: number) => {
    const end = () => (ms > longestMs ? wait(ms - longestMs) : limit.abort(new Failure(reason)));
    timer = setTimeout(end, Math.min(ms, longestMs));
  };
  wait(seconds * 1000);
  return { signal: AbortSignal.any([caller, limit.signal]), clear: () => clearTimeout(timer) };
}
