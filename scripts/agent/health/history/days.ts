import type { DatabaseSync } from "node:sqlite";
import { CronExpressionParser } from "cron-parser";
import { shownDays } from "./queries";
import { steps, verdictName } from "./tables";

/** A day of a time zone. Times are seconds since 1970. */
export interface Day {
  from: number;
  to: number;
  /** Seconds with each verdict. What is missing is unknown: the monitor did not look. */
  verdicts: Record<string, number>;
  /** By job, how many runs ended well and how many failed. */
  jobs: Record<string, { success: number; failed: number }>;
  /** The worst lag of any standby, in seconds. Absent: none was measured. */
  lag?: number;
}

/** When the last days began, the oldest first, and when the present one ends. */
export function dayStarts(now: Date, timeZone: string, count = shownDays): number[] {
  const midnight = (currentDate: Date) =>
    CronExpressionParser.parse("0 0 * * *", { currentDate, tz: timeZone });
  const back = midnight(now);
  const starts: number[] = [];
  // A midnight that is now belongs to the day that begins with it.
  const today =
    midnight(new Date(now.getTime() + 1000))
      .prev()
      .getTime() / 1000;
  for (let i = 0; starts.length < count - 1 && i < count + 2; i++) {
    const start = back.prev().getTime() / 1000;
    if (start < today) starts.unshift(start);
  }
  const end = midnight(now).next().getTime() / 1000;
  return [...starts, today, end];
}

/** The days without anything in them. */
export function emptyDays(starts: readonly number[]): Day[] {
  return starts
    .slice(0, -1)
    .map((from, i) => ({ from, to: starts[i + 1]!, verdicts: {}, jobs: {} }));
}

/** What the days held, in three questions that do not look further back. */
export function daysOf(database: DatabaseSync, starts: readonly number[], now: number): Day[] {
  const days = emptyDays(starts);
  const [from, to] = [starts[0]!, Math.min(starts.at(-1)!, now)];
  addVerdicts(database, days, from, to);
  const dayAt = (at: number) => days.findLast((day) => day.from <= at);
  // A quarter of an hour lies within one day of every time zone.
  const runs = database
    .prepare(
      `SELECT job, ended - ended % 900 AS at, sum(result = 'success') AS success, sum(result = 'failed') AS failed
       FROM records INDEXED BY records_in_time WHERE ended BETWEEN ? AND ? GROUP BY 1, 2`,
    )
    .all(from, to) as unknown as { job: string; at: number; success: number; failed: number }[];
  for (const { job, at, success, failed } of runs) {
    const jobs = dayAt(at)?.jobs;
    if (!jobs) continue;
    const sum = jobs[job] ?? { success: 0, failed: 0 };
    jobs[job] = { success: sum.success + success, failed: sum.failed + failed };
  }
  const lags = database
    .prepare(
      `SELECT points.at, max(value) AS value FROM series JOIN points ON series = series.id
       WHERE kind = 'lag' AND step = ${steps.hour} AND points.at BETWEEN ? AND ? GROUP BY 1`,
    )
    .all(from, to) as unknown as { at: number; value: number }[];
  for (const { at, value } of lags) {
    const day = dayAt(at);
    if (day) day.lag = Math.max(day.lag ?? 0, value);
  }
  return days;
}

/** Changes of the verdict that count: a verdict that changes all the time says no more with all of them. */
const mostChanges = 2000;

function addVerdicts(database: DatabaseSync, days: Day[], from: number, to: number): void {
  const watched = database
    .prepare(
      `SELECT began, ended FROM watched WHERE ended >= ? AND began <= ? ORDER BY began DESC LIMIT ${mostChanges}`,
    )
    .all(from, to) as unknown as { began: number; ended: number }[];
  const changes = database
    .prepare(
      `SELECT at, status FROM changes WHERE name = ? AND at <= ? AND id >= coalesce(
         (SELECT max(id) FROM changes WHERE name = ? AND at < ?), 0) ORDER BY id DESC LIMIT ${mostChanges}`,
    )
    .all(verdictName, to, verdictName, from) as unknown as { at: number; status: string }[];
  let until = to;
  for (const { at, status } of changes) {
    for (const { began, ended } of watched)
      addTo(days, status, Math.max(at, began, from), Math.min(until, ended));
    until = Math.min(until, at);
  }
}

function addTo(days: Day[], status: string, from: number, to: number): void {
  if (to <= from) return;
  for (const day of days) {
    const seconds = Math.min(to, day.to) - Math.max(from, day.from);
    if (seconds > 0) day.verdicts[status] = (day.verdicts[status] ?? 0) + seconds;
  }
}
