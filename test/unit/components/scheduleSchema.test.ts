import { CronExpressionParser } from "cron-parser";
import { ofeliaSchedule } from "../../../components/scheduler/files";
import { Schedule } from "../../../components/schema/schedule";
import { cronFields } from "../../../components/schema/cronFields";
import { parseSchedule, type Wall } from "../../../scripts/standins/ofelia/schedule";

describe("a schedule for Ofelia", () => {
  it.each([
    // Seconds come first.
    ["0 3 * * *", "0 0 3 * * *"],
    ["* * * * *", "0 * * * * *"],
    ["30 2 * * *", "0 30 2 * * *"],
    ["00 03 * * *", "0 0 3 * * *"],
    ["  5\t4  1 1   0 ", "0 5 4 1 1 0"],
    // Steps and lists.
    ["*/15 * * * *", "0 */15 * * * *"],
    ["*/1 * * * *", "0 * * * * *"],
    ["5/10 * * * *", "0 5-59/10 * * * *"],
    ["0 8-18/2 * * *", "0 0 8-18/2 * * *"],
    ["0,30 6,18 * * *", "0 0,30 6,18 * * *"],
    ["0 0-5,12,20-23 1,15 * *", "0 0 0-5,12,20-23 1,15 * *"],
    ["0 4-4 * * *", "0 0 4 * * *"],
    // Names, in any case.
    ["0 0 1 JAN *", "0 0 0 1 1 *"],
    ["0 0 1 jan,Jul *", "0 0 0 1 1,7 *"],
    ["0 0 * MAR-OCT MON-FRI", "0 0 0 * 3-10 1-5"],
    ["0 0 * * sun", "0 0 0 * * 0"],
    // Sunday is 0 here and never 7.
    ["0 0 * * 7", "0 0 0 * * 0"],
    ["0 0 * * 5-7", "0 0 0 * * 0,5,6"],
    ["0 0 * * SAT,7", "0 0 0 * * 0,6"],
    ["0 0 * * 0,7", "0 0 0 * * 0"],
    ["0 0 * * 1-7", "0 0 0 * * 0,1,2,3,4,5,6"],
    ["0 0 * * 0-7/7", "0 0 0 * * 0"],
    ["0 0 * * 1-7/2", "0 0 0 * * 0,1,3,5"],
    ["0 0 * * 5/2", "0 0 0 * * 0,5"],
    ["0 0 * * 4/2", "0 0 0 * * 4,6"],
    ["0 0 * * */2", "0 0 0 * * */2"],
    // Either day is enough where both are named, there as here.
    ["0 0 13 * 5", "0 0 0 13 * 5"],
    ["0 0 1-31/2 * 1", "0 0 0 1-31/2 * 1"],
    ["0 0 */2 * *", "0 0 0 */2 * *"],
    ["0 0 29 2 *", "0 0 0 29 2 *"],
    ["0 0 31 4,5 *", "0 0 0 31 4,5 *"],
    // Words.
    ["@hourly", "@hourly"],
    ["@daily", "@daily"],
    ["@midnight", "@midnight"],
    ["@weekly", "@weekly"],
    ["@monthly", "@monthly"],
    ["@yearly", "@yearly"],
    ["@annually", "@annually"],
    ["@every 10s", "@every 10s"],
    ["@every 1h30m", "@every 5400s"],
    ["@every  90m", "@every 5400s"],
    ["@every 24h", "@every 86400s"],
  ])("%s becomes %s", (schedule, ofelia) => {
    const parsed = Schedule.parse(schedule);
    expect(parsed.text).toBe(schedule);
    expect(ofeliaSchedule(parsed)).toBe(ofelia);
  });

  const shape = 'must be five cron fields such as "0 3 * * *" or a word such as @hourly';
  it.each([
    ["", shape],
    ["daily", shape],
    ["3 * * *", shape],
    ["constructor", shape],
    ["0 0 3 * * *", `${shape}; seconds are none of them`],
    [
      "@reboot",
      "must be a word among @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or @every 1h30m",
    ],
    ["@every", "must be a word among @hourly"],
    ["@every 0s", "must be an interval from 1s to 8784h, such as @every 1h30m"],
    ["@every 1d", "must be an interval from 1s to 8784h"],
    ["@every 9000h", "must be an interval from 1s to 8784h"],
    ["60 * * * *", 'must have minutes from 0 to 59 in its first field, not "60"'],
    ["0 24 * * *", 'must have hours from 0 to 23 in its second field, not "24"'],
    ["0 0 0 * *", 'must have days of the month from 1 to 31 in its third field, not "0"'],
    ["0 0 L * *", 'must have days of the month from 1 to 31 in its third field, not "L"'],
    ["0 0 ? * *", 'must have days of the month from 1 to 31 in its third field, not "?"'],
    ["0 0 * FOO *", 'must have months from 1 to 12 or JAN to DEC in its fourth field, not "FOO"'],
    [
      "0 0 * * 8",
      'must have days of the week from 0 to 7 or SUN to SAT in its fifth field, not "8"',
    ],
    ["0 0 * * 1#2", "must have days of the week from 0 to 7"],
    ["1, * * * *", 'must have minutes from 0 to 59 in its first field, not ""'],
    ["-5 * * * *", 'must have minutes from 0 to 59 in its first field, not "-5"'],
    ["1-2-3 * * * *", 'must have minutes from 0 to 59 in its first field, not "1-2-3"'],
    ["*/0 * * * *", "must have a step from 1 to 59 after the slash of its first field, not 0"],
    ["*/90 * * * *", "must have a step from 1 to 59 after the slash of its first field, not 90"],
    [
      "0 22-2 * * *",
      "must not have a range of hours that goes backwards; write 22-23,0-2 for 22-2",
    ],
    [
      "0 0 * * SAT-SUN",
      "must not have a range of days of the week that goes backwards; write 6-7 for SAT-SUN",
    ],
    [
      "0 0 * * FRI-MON",
      "must not have a range of days of the week that goes backwards; write 5-6,0-1 for FRI-MON",
    ],
    ["*,5 * * * *", "must not list * beside other minutes; write * alone or leave it out of *,5"],
    [
      "0 0 */2 * 1",
      "must not have a step after * in one field of days and numbers in the other, which crons read differently; write the days, such as 1-31/2",
    ],
    ["0 0 1 * */2", "must not have a step after * in one field of days"],
    ["0 0 31 2 *", "must name a day that its months have; 31 never comes"],
    ["0 0 30,31 FEB *", "must name a day that its months have; 30,31 never comes"],
  ])("%j is refused: it %s", (schedule, sentence) => {
    const [issue] = Schedule.safeParse(schedule).error?.issues ?? [];
    expect(issue?.message).toContain(sentence);
    expect(issue?.message).not.toContain("\n");
  });

  it("is a text", () => {
    expect(Schedule.safeParse(3).error?.issues[0]?.message).toBe(shape);
  });
});

describe("over a year, Ofelia's reading and cron's", () => {
  it.each(["Europe/London", "America/New_York"])("are the same in %s", (zone) => {
    const dstDays = changes[zone]!.map(({ day }) => day);
    for (const schedule of samples) {
      const cron = cronOccurrences(schedule, zone);
      const ofelia = ofeliaOccurrences(schedule, zone);
      const ordinary = (time: number) => !dstDays.includes(wallText(time, zone).slice(0, 10));
      expect([schedule, ofelia.filter(ordinary)]).toEqual([schedule, cron.filter(ordinary)]);
    }
  });

  it.each([
    // The hour that is left out in spring: not run; in autumn an hour comes twice: run twice.
    ["Europe/London", "30 1 * * *", "2026-03-29", []],
    ["Europe/London", "30 1 * * *", "2026-10-25", ["01:30 UTC+1", "01:30 UTC+0"]],
    ["Europe/London", "0 1 * * *", "2026-03-29", []],
    ["Europe/London", "0 1 * * *", "2026-10-25", ["01:00 UTC+1", "01:00 UTC+0"]],
    ["Europe/London", "0 2 * * *", "2026-03-29", ["02:00 UTC+1"]],
    ["Europe/London", "0 2 * * *", "2026-10-25", ["02:00 UTC+0"]],
    ["America/New_York", "30 2 * * *", "2026-03-08", []],
    ["America/New_York", "30 1 * * *", "2026-11-01", ["01:30 UTC-4", "01:30 UTC-5"]],
    ["America/New_York", "0 3 * * *", "2026-03-08", ["03:00 UTC-4"]],
  ])("%s, %s on %s: %j", (zone, schedule, day, expected) => {
    const runs = ofeliaOccurrences(schedule, zone).map((time) => wallText(time, zone));
    expect(runs.filter((run) => run.startsWith(day)).map((run) => run.slice(11))).toEqual(expected);
  });

  it("runs each hour once on the days of the change, 23 or 25 times", () => {
    for (const [zone, days] of Object.entries(changes)) {
      const runs = ofeliaOccurrences("@hourly", zone).map((time) => wallText(time, zone));
      const counts = days.map(({ day }) => runs.filter((run) => run.startsWith(day)).length);
      expect(counts).toEqual([23, 25]);
      expect(runs).toHaveLength(365 * 24 - 1);
    }
  });
});

const changes: Record<string, { day: string }[]> = {
  "Europe/London": [{ day: "2026-03-29" }, { day: "2026-10-25" }],
  "America/New_York": [{ day: "2026-03-08" }, { day: "2026-11-01" }],
};

const samples = [
  ...["0 3 * * *", "30 1 * * *", "15 2 * * *", "0 2 * * 0", "0 2 * * 1-6", "0 */6 * * *"],
  ...["*/30 5 * * *", "5/25 9-17/4 * * MON-FRI", "0 12 13 * FRI", "0 0 1,15 * 3"],
  ...["45 23 31 * *", "0 0 29 2 *", "0 6 * * 7", "0 6 * * 5-7", "0 6 * * 1-7/2", "0 6 * * */3"],
  ...["59 23 28-31 * *", "1 1 1-31/2 * 1", "0 4 */3 JAN,JUN-AUG *", "0 0 10 * 0-6"],
  ...["@daily", "@weekly", "@monthly", "@yearly"],
];

const [start, end] = [Date.UTC(2026, 0, 1, 12), Date.UTC(2027, 0, 1, 12)];

function cronOccurrences(schedule: string, tz: string): number[] {
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
function ofeliaOccurrences(schedule: string, zone: string): number[] {
  const next = parseSchedule(ofeliaSchedule(Schedule.parse(schedule)), wallIn(zone));
  const times: number[] = [];
  for (let time = next(new Date(start)); time && time.getTime() < end; time = next(time))
    times.push(time.getTime());
  return times;
}

/** These zones change at full hours, so one look per hour is enough. */
const offsets = new Map<string, number>();
const clocks = new Map<string, Intl.DateTimeFormat>();

function offset(time: number, zone: string): number {
  const key = `${zone} ${Math.floor(time / 3_600_000)}`;
  const known = offsets.get(key) ?? lookUp(time, zone);
  offsets.set(key, known);
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

function wallText(time: number, zone: string): string {
  const shift = offset(time, zone);
  const text = new Date(time + shift).toISOString().slice(0, 16).replace("T", " ");
  return `${text} UTC${shift < 0 ? "" : "+"}${shift / 3_600_000}`;
}
