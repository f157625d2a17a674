import type { DumpSettings } from "../../../contract/agentConfig";
import { type DatedDump, newestFirst } from "../../../contract/dumpOrder";
import type { Context } from "../kit/context";
import { inFuture } from "../../../contract/clock";
import { readRuns } from "../kit/records";
import { lastInterval } from "../kit/schedule";
import { dated, finishedDumps, futureDump } from "./finished";
import { removeDump } from "./folders";
import { agesOf, type Past } from "./ages";
import { beingRead } from "./reading";

const DAY_MS = 24 * 3600 * 1000;

/** What retention decides. */
interface Decision<T> {
  expired: T[];
  /** Why dumps stay that are too old by the clock, in one sentence. */
  held?: string;
}

/**
 * The dumps of one database that may be removed: both older than `retentionDays` and not among the
 * newest `retentionCount`. The newest dump always stays. Where the clock was wrong, nothing is removed by it.
 */
export function expired<T extends DatedDump>(
  dumps: readonly T[],
  { retentionDays, retentionCount }: Pick<DumpSettings, "retentionDays" | "retentionCount">,
  past: Past,
): Decision<T> {
  const limit = retentionDays * DAY_MS;
  const sorted = [...dumps].sort(newestFirst);
  const tooOld = sorted
    .slice(Math.max(1, retentionCount))
    .filter(({ takenAt }) => past.now.getTime() - Date.parse(takenAt) > limit);
  if (tooOld.length === 0) return { expired: [] };
  const future = sorted.find(({ takenAt }) => inFuture(takenAt, past.now));
  if (future) return { expired: [], held: futureDump(future.id) };
  const { ages, jump } = agesOf(sorted, past);
  const gone = tooOld.filter(({ id }) => (ages.get(id) ?? 0) > limit);
  const held = tooOld.length - gone.length;
  if (held === 0) return { expired: gone };
  const stay = held === 1 ? "1 dump stays that is" : `${held} dumps stay that are`;
  return {
    expired: gone,
    held:
      `${stay} older than ${retentionDays} days by the clock: ${Math.round(jump / DAY_MS)} days between two ` +
      "runs do not count, because the clock may have been wrong.",
  };
}

/** What retention did to the dumps of a database. */
export interface Retained {
  /** The ids of the removed dumps. */
  removed: string[];
  /** Why dumps stay that are too old by the clock. */
  held?: string;
}

/**
 * Removes the expired dumps of a database. Call it after a good dump only, so that a series of
 * failures never removes the good ones. A dump that is being read stays until the next time.
 */
export async function retain(context: Context, database: string): Promise<Retained> {
  const { schedule, ...policy } = context.config.dumps;
  const now = new Date();
  const runs = await readRuns(context, "dump");
  const regular = Math.max(DAY_MS, 2 * lastInterval(schedule, context.config.timeZone, now));
  const dumps = (await finishedDumps(context, database)).map(dated);
  const { expired: old, held } = expired(dumps, policy, { now, regular, runs });
  const isRead = await beingRead(context);
  const removed = old.map(({ id }) => id).filter((id) => !isRead(id));
  for (const id of removed) await removeDump(context, id);
  return { removed, ...(held === undefined ? {} : { held }) };
}
