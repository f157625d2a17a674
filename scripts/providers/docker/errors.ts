import { setTimeout as sleep } from "node:timers/promises";

/** Undefined for an error that says that the thing is not there; any other is thrown on. */
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

/** The engine's own sentence, without the HTTP client's preamble. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^\(HTTP code \d+\) [^-]* - /, "").trim();
}

/** Tries until it is done; after so many seconds the last failure of `attempt` is final. */
export async function until(
  signal: AbortSignal,
  seconds: number,
  attempt: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await attempt())) {
    if (Date.now() > end) throw new Error(`still in use after ${seconds} s`);
    await sleep(300, undefined, { signal });
  }
}
