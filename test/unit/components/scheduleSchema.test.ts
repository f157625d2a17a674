import { ofeliaSchedule } from "../../../components/scheduler/files";
import { Schedule } from "../../../components/schema/schedule";
import {
  changes,
  ofeliaOccurrences,
  onOrdinaryDays,
  type Period,
  samples,
  wallText,
} from "../../support/scheduleOccurrences";

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

describe("Ofelia's reading and cron's", () => {
  // The trials compare the whole year of each sample.
  it.each(["Europe/London", "America/New_York"])("are the same in %s", (zone) => {
    for (const schedule of samples) {
      for (const period of weeks) {
        const { cron, ofelia } = onOrdinaryDays(schedule, zone, period);
        expect([schedule, ofelia]).toEqual([schedule, cron]);
      }
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
    const runs = ofeliaOccurrences(schedule, zone, around(day)).map((time) => wallText(time, zone));
    expect(runs.filter((run) => run.startsWith(day)).map((run) => run.slice(11))).toEqual(expected);
  });

  it("runs each hour once on the days of the change, 23 or 25 times", () => {
    for (const [zone, days] of Object.entries(changes)) {
      const counts = days.map(({ day }) => {
        const runs = ofeliaOccurrences("@hourly", zone, around(day));
        return runs.filter((time) => wallText(time, zone).startsWith(day)).length;
      });
      expect(counts).toEqual([23, 25]);
    }
  });
});

/** A turn of the year, the end of a short month, and the weeks in which the clocks change. */
const weeks: Period[] = [
  [Date.UTC(2026, 11, 27), Date.UTC(2027, 0, 3)],
  [Date.UTC(2028, 1, 26), Date.UTC(2028, 2, 4)],
  [Date.UTC(2026, 2, 6), Date.UTC(2026, 2, 10)],
  [Date.UTC(2026, 2, 26), Date.UTC(2026, 3, 2)],
  [Date.UTC(2026, 9, 22), Date.UTC(2026, 10, 3)],
];

/** Two days before and after one. */
function around(day: string): Period {
  const [start, length] = [Date.parse(day), 86_400_000];
  return [start - 2 * length, start + 3 * length];
}
