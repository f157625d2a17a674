import { CronExpressionParser } from "cron-parser";
import { ofeliaSchedule } from "../../components/scheduler/files";
import { Schedule } from "../../components/schema/schedule";
import { cronFields } from "../../components/schema/cronFields";
import { parseSchedule, type Wall } from "../../scripts/standins/ofelia/schedule";

/** The days on which the clocks change. */
export const changes: Record<string, { day: string }[]> = {
  "Europe/London": [{ day: "2026-03-29" }, { day: "2026-10-25" }],
  "America/New_York": [{ day: "2026-03-08" }, { day: "2026-11-01" }],
};

/** Schedules that crons read differently, or that are common. */
export const samples = [
  ...["0 3 * * *", "30 1 * * *", "15 2 * * *", "0 2 * * 0", "0 2 * * 1-6", "0 */6 * * *"],
  ...["*/30 5 * * *", "5/25 9-17/4 * * MON-FRI", "0 12 13 * FRI", "0 0 1,15 * 3"],
  ...["45 23 31 * *", "0 0 29 2 *", "0 6 * * 7", "0 6 * * 5-7", "0 6 * * 1-7/2", "0 6 * * */3"],
  ...["59 23 28-31 * *", "1 1 1-31/2 * 1", "0 4 */3 JAN,JUN-AUG *", "0 0 10 * 0-6"],
  ...["@daily", "@weekly", "@monthly", "@yearly"],
];

/** From a moment up to another one, in milliseconds. */
export type Period = readonly [start: number, end: number];

export const year: Period = [Date.UTC(2026, 0, 1, 12), Date.UTC(2027, 0, 1, 12)];

/** When cron runs a schedule in a time zone, and when Ofelia does, without the days of a change. */
export function onOrdinaryDays(schedule: string, zone: string, period: Period) {
  const dstDays = changes[zone]!.map(({ day }) => day);
  const ordinary = (time: number) => !dstDays.includes(wallText(time, zone).slice(0, 10));
  return {
    cron: cronOccurrences(schedule, zone, period).filter(ordinary),
    ofelia: ofeliaOccurrences(schedule, zone, period).filter(ordinary),
  };
}

function cronOccurrences(schedule: string, tz: string, [start, end]: Period): number[] {
  const read = cronFields(schedule);
  if ("every" in read) throw new Error("an interval has no occurrences of its own");
  // The text itself, so that our reading of it is checked as well.
  const text = schedule.startsWith("@") ? read.fields.join(" ") : schedule;
  const cron = CronExpressionParser.parse(text, { tz, currentDate: new Date(start) });
  const times: number[] = [];
  for (let time = cron.next().getTime(); time < end; time = cron.next().getTime()) times.push(time);
  return times;
}

/** By our imitation of the reader, which was written from that one's rules and not from ours. */
export function ofeliaOccurrences(
  schedule: string,
  zone: string,
  [start, end]: Period = year,
): number[] {
  const next = parseSchedule(ofeliaSchedule(Schedule.parse(schedule)), wallIn(zone));
  const times: number[] = [];
  for (let time = next(new Date(start)); time && time.getTime() < end; time = next(time))
    times.push(time.getTime());
  return times;
}

/** These zones change at full hours, so one look per hour is enough. */
const offsets = new Map<string, Map<number, number>>();
const clocks = new Map<string, Intl.DateTimeFormat>();

function offset(time: number, zone: string): number {
  let hours = offsets.get(zone);
  if (!hours) offsets.set(zone, (hours = new Map()));
  const hour = Math.floor(time / 3_600_000);
  let known = hours.get(hour);
  if (known === undefined) hours.set(hour, (known = lookUp(time, zone)));
  return known;
}

function lookUp(time: number, zone: string): number {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  clocks.set(zone, clock);
  const name = clock.formatToParts(time).find(({ type }) => type === "timeZoneName")!.value;
  return Number(/GMT([+-]\d\d)?/.exec(name)![1] ?? 0) * 3_600_000;
}

function wallIn(zone: string): (time: Date) => Wall {
  return (time) => {
    const wall = new Date(time.getTime() + offset(time.getTime(), zone));
    return {
      month: wall.getUTCMonth() + 1,
      day: wall.getUTCDate(),
      weekday: wall.getUTCDay(),
      hour: wall.getUTCHours(),
      minute: wall.getUTCMinutes(),
      second: wall.getUTCSeconds(),
    };
  };
}

export function wallText(time: number, zone: string): string {
  const shift = offset(time, zone);
  const text = new Date(time + shift).toISOString().slice(0, 16).replace("T", " ");
  return `${text} UTC${shift < 0 ? "" : "+"}${shift / 3_600_000}`;
}
