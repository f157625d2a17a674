import type { RestorePlan } from "../../../../contract/restorePlan";
import type { PastRun } from "./facts";

/** How long a restore takes, by runs on this machine: restores and drills, or else full backups, which copy as much. */
export function estimate(
  { bytes, walBytes }: { bytes: number; walBytes: number },
  runs: readonly PastRun[],
): RestorePlan["estimate"] {
  const measured = runs.filter((run) => run.bytes > 0 && run.seconds > 0);
  const restores = measured.filter(({ kind }) => kind === "restore");
  const like = restores.length > 0 ? restores : measured;
  const copy = median(like.map((run) => run.seconds / run.bytes));
  if (copy === undefined) return undefined;
  const replays = restores.flatMap(({ replay }) => (replay && replay.bytes > 0 ? [replay] : []));
  const replay = median(replays.map((run) => run.seconds / run.bytes)) ?? 0;
  const seconds = Math.max(1, Math.round(bytes * copy + walBytes * replay));
  return { seconds, by: restores.length > 0 ? "restores" : "backups" };
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(half)], sorted[Math.ceil(half)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
