import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../../scripts/agent/kit/context";
import { whyClockHolds, whyPaused } from "../../../../scripts/agent/pgBackRest/clockLeap";

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 1);
/** A run in each hour. */
const hourly = (from: number, count: number) =>
  Array.from({ length: count }, (_, place) => from + place * hour);

it("holds for a day after a clock leapt ahead, and no longer", () => {
  const before = hourly(start, 48);
  const leapt = start + 365 * day;
  const held =
    "Nothing expires today: no job ran for 363 days, or the clock has leapt ahead. Where the clock is right, there is nothing to do.";
  expect(whyPaused(before, 3 * day, leapt)).toBe(held);
  expect(whyPaused([...before, ...hourly(leapt, 23)], 3 * day, leapt + 23 * hour)).toBe(held);
  expect(whyPaused([...before, ...hourly(leapt, 24)], 3 * day, leapt + day)).toBeUndefined();
  // Set right again: what was noted ahead counts for nothing.
  expect(whyPaused([...before, ...hourly(leapt, 5)], 3 * day, start + 49 * hour)).toBeUndefined();
});

it("holds nothing while jobs run as they should, nor before the first one", () => {
  expect(whyPaused([], 3 * day, start)).toBeUndefined();
  expect(whyPaused(hourly(start, 500), 3 * day, start + 500 * hour)).toBeUndefined();
  const weekly = [0, 7, 14].map((days) => start + days * day);
  expect(whyPaused(weekly, 14 * day, start + 14 * day + hour)).toBeUndefined();
});

it("holds twice, and not at each start, for a stack that runs for some hours a week", () => {
  const weeks = [0, 1, 2, 3].map((week) => start + week * 7 * day);
  const until = (week: number) => weeks.slice(0, week + 1).flatMap((from) => hourly(from, 6));
  const at = (week: number) => whyPaused(until(week), 3 * day, weeks[week]! + 6 * hour);
  expect(at(1)).toContain("for 7 days");
  expect(at(2)).toContain("for 7 days");
  expect(at(3)).toBeUndefined();
  // A clock that was set back may have leapt again.
  expect(whyPaused(until(3), 3 * day, weeks[3]! + 6 * hour, true)).toContain("for 7 days");
  // A leap is longer than such a pause.
  const leapt = weeks[3]! + 90 * day;
  expect(whyPaused(until(3), 3 * day, leapt)).toContain("for 90 days");
  // Where it ran for a day before, nothing has been held for long.
  const holiday = [...hourly(start, 6), ...hourly(weeks[1]!, 48)];
  expect(whyPaused(holiday, 3 * day, weeks[2]!)).toContain("for 5 days");
});

it("knows the runs by their records, and how often they are due", async () => {
  const records = mkdtempSync(join(tmpdir(), "lbt-leap-"));
  const contextOf = (fields: string[]) =>
    ({
      config: {
        timeZone: "Etc/UTC",
        backups: { schedules: { check: { text: fields.join(" "), fields } } },
      },
      paths: { records },
    }) as unknown as Context;
  mkdirSync(records, { recursive: true });
  const line = JSON.stringify({ endedAt: new Date(start).toISOString() });
  writeFileSync(join(records, "maintain-backups.log.jsonl"), `${line}\n`);
  const now = start + 10 * day;
  expect(await whyClockHolds(contextOf(["30", "*", "*", "*", "*"]), now)).toContain("for 10 days");
  expect(await whyClockHolds(contextOf(["30", "4", "*", "*", "0"]), now)).toBeUndefined();
  expect(await whyClockHolds(contextOf(["30", "*", "*", "*", "*"]), start + day)).toBeUndefined();
  rmSync(records, { recursive: true });
});

it("sees in the order of the records that the clock was set back", async () => {
  const records = mkdtempSync(join(tmpdir(), "lbt-back-"));
  const fields = ["30", "*", "*", "*", "*"];
  const context = {
    config: {
      timeZone: "Etc/UTC",
      backups: { schedules: { check: { text: fields.join(" "), fields } } },
    },
    paths: { records },
  } as unknown as Context;
  const written = (...days: number[]) =>
    writeFileSync(
      join(records, "maintain-backups.log.jsonl"),
      days.map((at) => `${JSON.stringify({ endedAt: new Date(start + at * day) })}\n`).join(""),
    );
  const now = start + 21 * day + hour;
  written(0, 7, 14, 21);
  expect(await whyClockHolds(context, now)).toBeUndefined();
  // It ran ahead for a while, and was set right.
  written(0, 14, 7, 14, 21);
  expect(await whyClockHolds(context, now)).toContain("for 7 days");
  rmSync(records, { recursive: true });
});
