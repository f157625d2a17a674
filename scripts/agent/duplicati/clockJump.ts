import type { JobRecord } from "../../../contract/jobRecord";
import { inFuture } from "../../../contract/clock";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { readRecord, readRuns } from "../kit/records";

const DAY_MS = 24 * 3600 * 1000;
/** A machine that was off for longer than this waits for an operator. */
const LONGEST_MS = 90 * DAY_MS;

/** The longest time since a moment without the end of a run, in milliseconds. */
export function longestPause(
  since: string,
  runs: readonly Pick<JobRecord, "endedAt">[],
  now: number,
): number {
  const from = Date.parse(since);
  const ends = runs.map(({ endedAt }) => Date.parse(endedAt)).filter((end) => end > from);
  const moments = [from, ...ends, now];
  return Math.max(...moments.slice(1).map((at, index) => at - (moments[index] ?? at)));
}

/**
 * Refuses an upload after a jump of the clock: Duplicati would delete its archives by the wrong time. An
 * operator's upload is never refused.
 */
export async function checkClock(context: Context, trigger: JobRecord["trigger"]): Promise<void> {
  if (trigger === "operator") return;
  const last = await readRecord(context, "upload", "success");
  if (!last || inFuture(last.endedAt)) return;
  const pause = longestPause(last.endedAt, await readRuns(context, "dump"), Date.now());
  if (pause <= LONGEST_MS) return;
  throw new Failure(
    `Nothing ran for ${Math.round(pause / DAY_MS)} days since the last upload, or the clock has jumped: by a wrong ` +
      "clock Duplicati would delete archives. If the clock is right, `laterbase upload` uploads now, and the schedule goes on.",
  );
}
