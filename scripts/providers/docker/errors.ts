import pRetry from "p-retry";

/** Undefined for an error that says that the thing does not exist; any other error is thrown. */
export function notFound(error: unknown): undefined {
  if (statusOf(error) === 404) return undefined;
  throw error;
}

/** The HTTP status of an engine's error. */
export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number } | undefined)?.statusCode;
}

/** Ignores the errors of these HTTP statuses. */
export function ignoring(...statuses: number[]): (error: unknown) => undefined {
  return (error) => {
    if (statuses.includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  };
}

/** The engine's sentence, without the prefix of the HTTP client. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^\(HTTP code \d+\) [^-]* - /, "").trim();
}

/** Seconds: containers release a network or a volume a moment after they are removed. */
const releaseTime = 30;

/**
 * Removes a thing that may still be in use for a moment, which the engine says by the status `inUse`.
 * A thing that does not exist counts as removed.
 */
export async function removeWhenFree(
  signal: AbortSignal,
  inUse: number,
  remove: () => Promise<unknown>,
): Promise<void> {
  await pRetry(() => remove().catch(notFound), {
    retries: Infinity,
    factor: 1,
    minTimeout: 300,
    maxRetryTime: releaseTime * 1000,
    signal,
    shouldRetry: ({ error }) => statusOf(error) === inUse,
  }).catch((error: unknown) => {
    if (statusOf(error) !== inUse) throw error;
    const cause = { cause: error };
    throw new Error(`still in use after ${releaseTime} s: ${sentence(error)}`, cause);
  });
}
