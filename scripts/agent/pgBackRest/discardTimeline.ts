import type { DiscardedTimeline } from "../../../contract/agentReplies";
import type { RepositorySettings } from "../../../contract/pgBackRest";
import type { Context, Say, Work } from "../kit/context";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { archiveFolder, listFiles } from "./archive";
import { failureOf, pgBackRest } from "./command";
import { type Backup, readInfo } from "./info";
import { timelineOf } from "./restore/timelines";
import { askServer } from "./servers";
import { repositoriesOf } from "./settings";
import { withLock } from "./stanza";

/**
 * Takes a timeline out of every repository: its history, its WAL and its backups. Left there, the next restore would
 * open another one, WAL of the same name would be refused, and a recovery along the newest timeline would follow it.
 *
 * @throws Failure for the timeline that the primary writes
 */
export const discardTimelineRun: Work = async (
  args,
  context,
  say,
  signal,
): Promise<DiscardedTimeline[]> => {
  const timeline = readTimeline(args["timeline"]);
  await refuseOwn(context, timeline);
  const done: DiscardedTimeline[] = [];
  for (const repository of repositoriesOf(context, undefined)) {
    done.push(await discardIn(context, repository, timeline, say, signal));
  }
  return done;
};

function readTimeline(given: unknown): number {
  const number = typeof given === "string" && /^\d{1,10}$/.test(given) ? Number(given) : given;
  if (typeof number === "number" && Number.isInteger(number) && number >= 2 && number < 2 ** 32) {
    return number;
  }
  throw new Failure("A timeline that a restore opened is given by its number, such as 2.");
}

const TIMELINE = `
SELECT pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) AS timeline`;

/** Only an undone timeline may go, and the primary is on another one then. One that does not answer proves nothing. */
async function refuseOwn(context: Context, timeline: number): Promise<void> {
  const own = await askServer<{ timeline: string }>(context, "primary", TIMELINE).catch(
    (error: unknown) => {
      throw new Failure(
        `Timeline ${timeline} stays: the primary does not say which one it writes. ${withStop(sentenceOf(error))}`,
      );
    },
  );
  if (Number.parseInt(own.timeline, 16) === timeline) {
    throw new Failure(`Timeline ${timeline} is the one that the primary writes, so it stays.`);
  }
}

/** One repository that does not answer leaves the others to be cleaned. */
async function discardIn(
  context: Context,
  { number }: RepositorySettings,
  timeline: number,
  say: Say,
  signal: AbortSignal,
): Promise<DiscardedTimeline> {
  const done: DiscardedTimeline = { repository: number, files: 0, expired: [], kept: [] };
  try {
    await removeBackups(context, done, timeline, { say, signal });
    done.files = await removeWal(context, number, timeline, signal);
    return done;
  } catch (error) {
    signal.throwIfAborted();
    return { ...done, problem: withStop(sentenceOf(error)) };
  }
}

/** Removes its backups, the newest first. A full one that is the last of all stays until there is another. */
async function removeBackups(
  context: Context,
  done: DiscardedTimeline,
  timeline: number,
  { say, signal }: { say: Say; signal: AbortSignal },
): Promise<void> {
  const { repository } = done;
  const look = async () => (await readInfo(context, repository, { signal })).current;
  const isOf = (backup: Backup) => timelineOf(backup) === timeline;
  const before = await look();
  for (const { label } of before.filter(isOf).toReversed()) {
    say(`repository ${repository}: removing the backup ${label}`);
    // Whether it went is seen below: it may also have gone with one that it stood on.
    const words = ["expire", `--repo=${repository}`, `--set=${label}`];
    await withLock(context, words, { say, signal, onLine: () => undefined });
  }
  const after = await look();
  const left = new Set(after.map(({ label }) => label));
  done.expired = before.map(({ label }) => label).filter((label) => !left.has(label));
  done.kept = after.filter(isOf).map(({ label }) => label);
}

/** Removes its WAL, and its history last: while that is there, another run finds the timeline. */
async function removeWal(
  context: Context,
  repository: number,
  timeline: number,
  signal: AbortSignal,
): Promise<number> {
  const { archiveId } = await readInfo(context, repository, { signal });
  if (archiveId === undefined) return 0;
  const folder = archiveFolder(context, archiveId);
  const prefix = timeline.toString(16).toUpperCase().padStart(8, "0");
  const files = await listFiles(context, repository, folder, { recurse: true, signal });
  const own = files.map(({ path }) => path).filter((path) => isOfTimeline(path, prefix));
  const histories = own.filter((path) => !path.includes("/"));
  const folders = new Set(own.flatMap((path) => (path.includes("/") ? path.split("/")[0] : [])));
  const remove = async (path: string, ...options: string[]) => {
    const words = ["repo-rm", `--repo=${repository}`, ...options, `${folder}/${path}`];
    const ran = await pgBackRest(context, words, { signal });
    if (ran.code !== 0) throw failureOf(ran);
  };
  for (const one of folders) await remove(one as string, "--recurse");
  for (const path of histories) await remove(path);
  return own.length;
}

/** Whether a file of the archive belongs to a timeline: WAL is in folders named after it, histories are beside these. */
export function isOfTimeline(path: string, prefix: string): boolean {
  const [first = "", file] = path.split("/");
  return file === undefined
    ? first.startsWith(`${prefix}.history`)
    : first.length === 16 && first.startsWith(prefix);
}
