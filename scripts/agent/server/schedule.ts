import { CronExpressionParser } from "cron-parser";
import { Failure } from "../kit/failure";

const UNITS: Record<string, number> = { h: 3600_000, m: 60_000, s: 1000 };

/**
 * The last moment, not after `now`, at which a schedule was due in a time zone. What daylight
 * saving swallows is due when the clock has jumped; what it repeats is due as often.
 */
export function lastDue(schedule: string, timeZone: string, now: Date): Date {
  const interval = /^@every\s+(.+)$/.exec(schedule.trim())?.[1];
  // Nobody knows what it is counted from.
  if (interval) return new Date(now.getTime() - milliseconds(interval, schedule));
  const expression = schedule.trim() === "@midnight" ? "@daily" : schedule;
  const from = (moment: number) =>
    CronExpressionParser.parse(expression, { tz: timeZone, currentDate: new Date(moment) });
  try {
    let due = from(now.getTime() + 1)
      .prev()
      .getTime();
    // Backwards the parser passes over the gap in spring; forwards it does not.
    const forwards = from(due);
    for (let next = due; next <= now.getTime(); next = forwards.next().getTime()) due = next;
    return new Date(due);
  } catch (error) {
    throw new Failure(`The schedule "${schedule}" cannot be read: ${(error as Error).message}.`);
  }
}

function milliseconds(interval: string, schedule: string): number {
  const parts = [...interval.matchAll(/(\d+(?:\.\d+)?)([hms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== interval.trim()) {
    throw new Failure(`The schedule "${schedule}" cannot be read: an interval is such as 1h30m.`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0), 0);
}
