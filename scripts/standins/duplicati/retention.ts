import { spanMs } from "./spans";

/**
 * The versions that a retention policy removes, by Duplicati's rule: each version belongs to the shortest
 * timeframe that contains it. Within a timeframe, the oldest version is kept, and then each one that is
 * at least an interval younger than the last kept. Versions older than all timeframes are removed. The
 * newest version is always kept.
 */
export function expired(times: readonly Date[], policy: string, now: Date): Date[] {
  if (policy === "") return [];
  const [, ...left] = [...times].sort((a, b) => b.getTime() - a.getTime());
  const removed: Date[] = [];
  for (const { timeframe, interval } of rules(policy)) {
    const within = left.filter((time) => now.getTime() - time.getTime() <= timeframe).reverse();
    left.splice(0, within.length);
    let kept: number | undefined;
    for (const time of within) {
      if (kept === undefined || time.getTime() - kept >= interval) kept = time.getTime();
      else removed.push(time);
    }
  }
  return [...removed, ...left];
}

function rules(policy: string): { timeframe: number; interval: number }[] {
  return policy
    .split(",")
    .filter((rule) => rule !== "")
    .map((rule) => {
      const [timeframe = "", interval = ""] = rule.split(":");
      return {
        timeframe: /^u$/i.test(timeframe) ? Infinity : spanMs(timeframe),
        interval: /^u$/i.test(interval) ? 0 : spanMs(interval),
      };
    })
    .sort((a, b) => a.timeframe - b.timeframe);
}
