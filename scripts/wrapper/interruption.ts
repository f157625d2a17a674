/** Two signals of one key are one: npm passes on what the terminal has sent already. */
const onceMs = 1000;

/** What ends a run early: a key, a closed terminal, a closed pipe. */
export interface Interruption {
  /** Aborted at the first one: the steps under way are finished. Its reason is the signal's name, or `EPIPE`. */
  soon: AbortSignal;
  /** Aborted at the second one: nothing is waited for. */
  now: AbortSignal;
}

/** Listens to the signals of this process and to its standard output, which may close. */
export function listenForInterruption(): Interruption {
  const soon = new AbortController();
  const now = new AbortController();
  let first = 0;
  const interrupt = (reason: string) => {
    if (!soon.signal.aborted) {
      first = Date.now();
      soon.abort(reason);
    } else if (Date.now() - first > onceMs) now.abort(reason);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, interrupt);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", ({ code }: NodeJS.ErrnoException) => {
      // Nobody reads any more. EIO: the terminal is gone.
      if (code === "EPIPE" || code === "EIO") interrupt("EPIPE");
    });
  }
  return { soon: soon.signal, now: now.signal };
}
