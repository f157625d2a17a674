/** Rounds that wait for the next one until they are stopped: how a test knows that one is done. */
let whenIdle = () => {};

/** Resolves when a round is done. */
export const roundDone = (): Promise<void> => new Promise((resolve) => (whenIdle = resolve));

/** What takes the place of `node:timers/promises`. */
export const waitingTimers = {
  setTimeout: (_ms: number, _value: unknown, { signal }: { signal: AbortSignal }): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")));
      whenIdle();
    }),
};
