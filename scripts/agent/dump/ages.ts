import type { DatedDump } from "../../../contract/dumpOrder";
import type { JobRecord } from "../../../contract/jobRecord";

/** What is known of the time in which the dumps were made. */
export interface Past {
  now: Date;
  /** The longest time between two runs that counts, in milliseconds. After a longer one, the clock may be wrong. */
  regular: number;
  /** The runs that have ended, the oldest first: those that failed too. */
  runs: readonly Pick<JobRecord, "endedAt" | "databases">[];
}

/**
 * How old dumps are by the runs between them, in milliseconds, and the longest time that was left out. A clock
 * that jumps makes no dump older: time counts between two runs that follow each other as the schedule says.
 *
 * @param newestFirst the dumps of one database. The newest of them was just made, and its run has not ended.
 */
export function agesOf(
  newestFirst: readonly DatedDump[],
  { now, regular, runs }: Past,
): { ages: Map<string, number>; jump: number } {
  const ages = new Map<string, number>();
  let [age, later, jump] = [0, now.getTime(), 0];
  for (const { at, id } of momentsOf(newestFirst, runs).reverse()) {
    const between = later - at;
    if (between > regular) jump = Math.max(jump, between);
    else age += Math.max(0, between);
    later = at;
    if (id !== undefined) ages.set(id, age);
  }
  return { ages, jump };
}

/** The dumps and the ends of runs in the order in which they happened, whatever the clock said. */
function momentsOf(newestFirst: readonly DatedDump[], runs: Past["runs"]) {
  const moments: { at: number; id?: string }[] = [];
  const places = new Map<string, number>();
  for (const [place, { databases = [] }] of runs.entries()) {
    for (const { folder } of databases) if (folder !== undefined) places.set(folder, place);
  }
  let [ended, next] = [0, 0];
  for (const { id, takenAt } of newestFirst.toReversed()) {
    // A dump is older than the end of its run. One that no record names comes after the run of the dump before.
    const place = id === newestFirst[0]?.id ? runs.length : (places.get(id) ?? next);
    for (; ended < place; ended++) moments.push({ at: Date.parse(runs[ended]?.endedAt ?? "") });
    moments.push({ at: Date.parse(takenAt), id });
    if (places.has(id)) next = place + 1;
  }
  return moments;
}
