import { backupRecords } from "../../../contract/backupRecord";
import { inFuture } from "../../../contract/clock";
import type { Context } from "../kit/context";
import { readRuns } from "../kit/records";
import { lastInterval } from "../kit/schedule";

const day = 24 * 3_600_000;
/** A longer time without the end of any run may be a leap of the clock. */
const longestPause = 3 * day;

/** The jobs that run most often. */
const jobs = ["full", "diff", "incr", "check", "maintenance"] as const;

/**
 * Why nothing expires by a clock that may have leapt ahead, in one sentence. By such a clock WAL and backups of days would
 * be too old, and be gone when it is set right. Undefined: the clock has been believed for a day.
 */
export async function whyClockHolds(context: Context, now: number): Promise<string | undefined> {
  const { timeZone, backups } = context.config;
  const intervals = Object.values(backups?.schedules ?? {}).map((schedule) =>
    lastInterval(schedule, timeZone, new Date(now)),
  );
  const runs = await Promise.all(jobs.map((job) => readRuns(context, backupRecords[job])));
  const ends = runs.map((job) => job.map(({ endedAt }) => Date.parse(endedAt)));
  const regular = Math.max(longestPause, 2 * Math.min(...intervals));
  // As they were written. An earlier end after a later one: the clock was set back.
  const wasSetBack = ends.some((job) => job.some((end, place) => end < (job[place - 1] ?? end)));
  return whyPaused(ends.flat(), regular, now, wasSetBack);
}

/** A time without runs, in milliseconds, and when it ended. */
interface Pause {
  to: number;
  ms: number;
}

/**
 * The same from the ends of the runs, in milliseconds. A stack that runs for less than a day at a time has such a pause
 * before each start: a third one like it is no leap, unless the clock was set back in between.
 *
 * @param regular the longest time between two runs that may be, in milliseconds
 */
export function whyPaused(
  ends: readonly number[],
  regular: number,
  now: number,
  wasSetBack = false,
): string | undefined {
  const times = [...ends.filter((end) => !inFuture(end, now)), now].sort((a, b) => a - b);
  const pauses = times
    .map((to, place): Pause => ({ to, ms: to - (times[place - 1] ?? to) }))
    .filter(({ ms }) => ms > regular);
  const last = pauses.at(-1);
  if (!last || now - last.to >= day) return undefined;
  // A stack that never runs for a day would never expire anything.
  const isLike = (one: Pause | undefined, next: Pause | undefined) =>
    one && next && next.to - next.ms - one.to < day && last.ms <= 2 * one.ms;
  const [first, second] = [pauses.at(-3), pauses.at(-2)];
  if (!wasSetBack && isLike(first, second) && isLike(second, last)) return undefined;
  return (
    `Nothing expires today: no job ran for ${Math.round(last.ms / day)} days, or the clock has leapt ahead. Where the ` +
    "clock is right, there is nothing to do."
  );
}
