import { once } from "node:events";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { Complaints, failureSentence } from "../../../contract/pgBackRestLog";
import { sessionOptions } from "../../../contract/sessionSettings";
import type { Context } from "../kit/context";
import { Failure, withStop } from "../kit/failure";
import { duration } from "../kit/figures";

/** How pgBackRest runs. */
export interface CommandOptions {
  /** Ends pgBackRest: SIGTERM, after which it ends its own processes, and SIGKILL ten seconds later. */
  signal?: AbortSignal;
  /** Gets each line of its log, such as the files that a backup copies. Default: it only says what is wrong. */
  onLine?: (line: string) => void;
  /** The time that it may take, in seconds. Default: that of its command, or as long as it goes on. */
  seconds?: number;
}

/** What a run of pgBackRest was. */
export interface Ran {
  /** pgBackRest's exit code: 0 is a success. `pgBackRestExits.ts` says what the others mean. */
  code: number;
  /** The command's output. Empty with `onLine`. */
  stdout: string;
  /** Its first error, in its own words. */
  error?: string;
}

const patienceMs = 10_000;

const hour = 3600;

/**
 * How long a command may take, in seconds. A share whose server is away, or a disk that fails, holds a command for ever,
 * and every later job would wait behind it, also for the other repositories.
 */
const limits: Readonly<Record<string, number>> = {
  ...{ info: hour / 6, "repo-ls": hour, "repo-get": hour },
  ...{ "stanza-create": hour, "repo-rm": hour, "archive-get": hour },
};

/**
 * The others go on for as long as there is something to do: they may be silent for as long as a large file needs. Without
 * `onLine` nobody hears them, and it is the time for all of it.
 */
const silentSeconds = 6 * hour;

/**
 * Processes that could not be ended, with the option of their repository. Each new one would wait, too, and the container
 * may have only so many. One dead disk must not stop what the other repositories need.
 */
const left = new Map<object, string | undefined>();
const mostLeft = 10;
const mostOfOne = 2;

function refuseWhereMostWait(repository: string | undefined): void {
  const all = [...left.values()];
  const own = all.filter((one) => one === repository).length;
  if (repository === undefined ? all.length < mostLeft : own < mostOfOne) return;
  const which = repository === undefined ? "" : ` of repository ${repository.slice(repo.length)}`;
  throw new Failure(
    `${repository === undefined ? all.length : own} processes of pgBackRest${which} wait for a disk or a share that does not answer, and cannot be ended.`,
  );
}

const repo = "--repo=";

/** Its sessions state what ours do, and libpq's own limit: without it pgBackRest waits for a frozen server for ever. */
const environment = (major: number) => ({
  LC_ALL: "C.UTF-8",
  PGCONNECT_TIMEOUT: "5",
  PGOPTIONS: sessionOptions({ major, superuser: false }),
});

/**
 * Runs pgBackRest without a shell. It reads its configuration from files, so no secret is among the words.
 *
 * @param words the command and its options
 * @returns also after a failure, because the exit code says what to do
 */
export async function pgBackRest(
  { config }: Context,
  words: readonly string[],
  { signal, onLine, seconds }: CommandOptions = {},
): Promise<Ran> {
  signal?.throwIfAborted();
  const repository = words.find((word) => word.startsWith(repo));
  refuseWhereMostWait(repository);
  const limit = new AbortController();
  const ended = AbortSignal.any([...(signal ? [signal] : []), limit.signal]);
  const levels = onLine
    ? ["--log-level-console=detail", "--log-level-stderr=off"]
    : ["--log-level-console=off", "--log-level-stderr=warn"];
  const [command = "", ...options] = words;
  const most = seconds ?? limits[command] ?? (onLine ? undefined : silentSeconds);
  const over = setTimeout(() => limit.abort(), (most ?? silentSeconds) * 1000);
  const stanza = `--stanza=${config.backups?.stanza ?? ""}`;
  const child = execa("pgbackrest", [command, stanza, ...levels, ...options], {
    ...{ env: environment(config.major), reject: false, stdin: "ignore" as const, buffer: !onLine },
    maxBuffer: 512 << 20,
  });
  // Not even SIGKILL ends a process that waits for a disk.
  const { promise: stuck, reject: leave } = withReject();
  let patience: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill("SIGTERM", { forceKillAfterTimeout: patienceMs });
    patience = setTimeout(() => {
      left.set(child, repository);
      void child.finally(() => left.delete(child));
      leave(signal?.aborted ? signal.reason : tooLong(most));
    }, 2 * patienceMs);
  };
  ended.addEventListener("abort", stop, { once: true });
  const said = new Complaints();
  const take = (line: string) => {
    if (most === undefined) over.refresh();
    said.take(line);
    onLine?.(line);
  };
  const read = onLine && child.stdout ? linesOf(child.stdout, take) : undefined;
  try {
    const ran = await Promise.race([child, stuck]);
    await read;
    signal?.throwIfAborted();
    if (ended.aborted) throw tooLong(most);
    // Without an exit code it was killed, or never started.
    if (typeof ran.exitCode !== "number") {
      const why = ran instanceof Error ? ran.message : `was ended by ${ran.signal}`;
      throw new Failure(withStop(`pgBackRest cannot be run: ${why}`));
    }
    if (!onLine) for (const line of ran.stderr.split("\n")) said.take(line);
    const error = said.error();
    return { code: ran.exitCode, stdout: onLine ? "" : ran.stdout, ...(error ? { error } : {}) };
  } finally {
    clearTimeout(over);
    clearTimeout(patience);
    ended.removeEventListener("abort", stop);
  }
}

const tooLong = (most: number | undefined) =>
  new Failure(
    most === undefined
      ? `pgBackRest did nothing for ${duration(silentSeconds)}, so it was ended.`
      : `pgBackRest did not answer within ${duration(most)}.`,
  );

/** A promise that only its own function settles. */
function withReject() {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, fail) => (reject = fail));
  return { promise, reject };
}

/** Passes on each line until the output ends, which may be after the program has. */
async function linesOf(
  output: NodeJS.ReadableStream,
  onLine: (line: string) => void,
): Promise<void> {
  const lines = createInterface({ input: output });
  lines.on("line", onLine);
  await once(lines, "close");
}

/** A run that failed, as sentences: what its exit code means, what to do next, and pgBackRest's own words. */
export function failureOf({ code, error }: Ran): Failure {
  return new Failure(failureSentence(code, error));
}
