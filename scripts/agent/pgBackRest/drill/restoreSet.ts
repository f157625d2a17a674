import { drillPaths } from "../../../../contract/pgBackRest";
import { restoreRoom } from "../../../../contract/restoreRoom";
import { elapsed } from "../../kit/clock";
import type { Context, Say } from "../../kit/context";
import { Failure } from "../../kit/failure";
import { amount, duration } from "../../kit/figures";
import { failureOf, pgBackRest } from "../command";
import { type Backup, readInfo } from "../info";
import { primaryMaxWal } from "../maxWal";
import { Progress } from "../progress";
import { restoreArguments } from "../restore/arguments";
import { timelineOf } from "../restore/timelines";
import { positionOf } from "../segments";
import { damagedFile } from "./damagedFile";
import { emptyVolume, makeFolders } from "./cleanUp";
import { freeRoom, roomProblem } from "./room";
import { ownPlaces } from "./settings";

/** What the drill itself adds to the WAL. */
const markerSegments = 4;

/** What the restore of a set needs. */
export interface RestoreTask {
  repository: number;
  say: Say;
  signal: AbortSignal;
}

/** A backup that was restored. */
export interface RestoredSet {
  set: Backup;
  seconds: number;
}

/**
 * Restores the newest backup of a repository. Where that one expires meanwhile, the repository has no fault: then it is the
 * newest one of that moment, once.
 */
export async function restoreNewest(
  context: Context,
  task: RestoreTask,
  chosen: (set: Backup) => void,
): Promise<RestoredSet> {
  const first = await newestOf(context, task);
  chosen(first.set);
  try {
    return await restoreSet(context, first, task);
  } catch (error) {
    task.signal.throwIfAborted();
    const { current } = await readInfo(context, task.repository, { signal: task.signal });
    if (current.some(({ label }) => label === first.set.label)) throw error;
  }
  const newer = await newestOf(context, task);
  chosen(newer.set);
  return restoreSet(context, newer, task);
}

/** A backup, and how many WAL segments come after its begin. */
interface Newest {
  set: Backup;
  segments: number;
}

async function newestOf(context: Context, { repository, signal }: RestoreTask): Promise<Newest> {
  const { current, newestSegment } = await readInfo(context, repository, { signal });
  const set = current.at(-1);
  if (!set) throw new Failure("There is no backup yet.");
  const from = set.wal && positionOf(set.wal.start).number;
  const to = newestSegment === undefined ? from : positionOf(newestSegment).number;
  return { set, segments: from === undefined || to === undefined ? 0 : Math.max(0, to - from) };
}

async function restoreSet(
  context: Context,
  { set, segments }: Newest,
  { repository, say, signal }: RestoreTask,
): Promise<RestoredSet> {
  await emptyVolume();
  await makeFolders();
  const maxWal = await primaryMaxWal(context);
  const needed = restoreRoom({ bytes: set.bytes, segments: segments + markerSegments, maxWal });
  const problem = roomProblem(needed, await freeRoom());
  if (problem !== undefined) throw new Failure(problem, "no-room");
  const began = elapsed();
  const saying = (progress: string) => say(`restoring ${set.label}: ${progress}`);
  saying(amount(set.bytes));
  const progress = new Progress(saying);
  const words = restoreArguments(
    { repository, set: set.label, timeline: timelineOf(set) ?? 1, target: { kind: "latest" } },
    { major: context.config.major },
  );
  const more = [...ownPlaces, `--tablespace-map-all=${drillPaths.tablespaces}`];
  const onLine = (line: string) => progress.take(line);
  const ran = await pgBackRest(context, [...words, ...more], { signal, onLine });
  if (ran.code !== 0) {
    saying("looking for what is damaged");
    const file = await damagedFile(context, repository, set.label, signal);
    const where = file === undefined ? "" : `The file ${file} is damaged. `;
    throw new Failure(`${where}${failureOf(ran).message}`);
  }
  return { set, seconds: (elapsed() - began) / 1000 };
}

/** What the first proof says when it holds. */
export const restoredSentence = ({ set, seconds }: RestoredSet): string =>
  `${set.label} of ${set.endedAt.slice(0, 19)}Z was restored in ${duration(seconds)}: ${amount(set.bytes)}.`;
