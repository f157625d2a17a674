/**
 * Runs works until one of them fails, or all have ended. When the signal ends them, each has the time to put its own
 * things in order.
 *
 * @throws the first error
 */
export async function together(
  works: readonly Promise<unknown>[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await Promise.all(works);
  } finally {
    if (signal.aborted) await Promise.allSettled(works);
  }
}
