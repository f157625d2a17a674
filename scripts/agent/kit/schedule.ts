import { CronExpressionParser } from "cron-parser";
import type { Schedule } from "../../../contract/schedule";

/**
 * The last moment, not after `now`, at which a schedule was due in a time zone. A time that the
 * start of summer time skips is due when the clock has jumped. A time that comes twice is due twice.
 */
export function lastDue(schedule: Schedule, timeZone: string, now: Date): Date {
  // Nobody knows what an interval is counted from.
  if ("every" in schedule) return new Date(now.getTime() - schedule.every * 1000);
  const expression = schedule.fields.join(" ");
  const from = (moment: number) =>
    CronExpressionParser.parse(expression, { tz: timeZone, currentDate: new Date(moment) });
  let due = from(now.getTime() + 1)
    .prev()
    .getTime();
  // Backwards, the parser misses the time that is skipped in spring; forwards it does not.
  const forwards = from(due);
  for (let next = due; next <= now.getTime(); next = forwards.next().getTime()) due = next;
  return new Date(due);
}

/** The time between the last two moments at which a schedule was due, in milliseconds. */
export function lastInterval(schedule: Schedule, timeZone: string, now: Date): number {
  const due = lastDue(schedule, timeZone, now).getTime();
  return due - lastDue(schedule, timeZone, new Date(due - 1)).getTime();
}

/** The first moment after `now` at which a schedule is due. Undefined: nobody knows what an interval is counted from. */
export function nextDue(schedule: Schedule, timeZone: string, now: Date): Date | undefined {
  if ("every" in schedule) return undefined;
  const options = { tz: timeZone, currentDate: now };
  return CronExpressionParser.parse(schedule.fields.join(" "), options).next().toDate();
}
