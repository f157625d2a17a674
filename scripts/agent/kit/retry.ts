import pRetry from "p-retry";

export interface RetryOptions {
  /** The time between two attempts, in milliseconds. */
  every: number;
  /** No attempt begins later than this after the first, in milliseconds. Default: no limit. */
  within?: number;
  signal?: AbortSignal;
  /** Whether to try again after this error. Default: always. */
  retriable?: (error: unknown) => boolean;
  /** Called before each wait for another attempt. */
  onFailure?: (error: unknown) => void | Promise<void>;
}

/** Tries at a fixed interval until it works. Throws the last error, or the signal's reason. */
export function retry<T>(
  work: () => Promise<T>,
  { every, within = Infinity, signal, retriable = () => true, onFailure }: RetryOptions,
): Promise<T> {
  return pRetry(work, {
    retries: Infinity,
    factor: 1,
    minTimeout: every,
    maxTimeout: every,
    maxRetryTime: within,
    shouldRetry: async ({ error }) => {
      if (!retriable(error)) return false;
      await onFailure?.(error);
      return true;
    },
    ...(signal ? { signal } : {}),
  });
}
