import type { DatabaseSync } from "node:sqlite";
import { usedShare } from "./file";
import { allDays, keptDays } from "./tables";

const day = 86_400;

/** From this share of the file's room on, the oldest is deleted before its time. */
const tight = 0.8;

/**
 * Deletes what is older than it is kept. Where that is not enough, it halves the time until the file has room again, and
 * returns for how many days it kept everything.
 */
export function tidy(database: DatabaseSync, at: number): number {
  let days = allDays;
  const now = trusted(database, at);
  for (;;) {
    deleteBefore(database, now, days);
    if (usedShare(database) < tight || days < 1) return days;
    days = Math.floor(days / 2);
  }
}

/**
 * The time by which things are old. A clock that is far ahead would make everything old, so after a leap it counts when
 * the monitor has looked by it for a week. Until then it is as late as at the last look before the leap.
 */
function trusted(database: DatabaseSync, at: number): number {
  const week = at - 7 * day;
  const leap = week - 30 * day;
  const lasts = database
    .prepare("SELECT 1 FROM watched WHERE began <= ? AND ended >= ?")
    .get(week, leap);
  if (lasts) return at;
  const before = database.prepare("SELECT max(ended) AS at FROM watched WHERE ended < ?").get(leap);
  return Number(before?.["at"] ?? at);
}

/** Each statement is a transaction of its own, so the log stays small. */
function deleteBefore(database: DatabaseSync, at: number, days: number): void {
  const series = database.prepare("SELECT id FROM series").all() as { id: number }[];
  const points = database.prepare("DELETE FROM points WHERE series = ? AND step = ? AND at < ?");
  for (const { id } of series)
    for (const [step, kept] of Object.entries(keptDays))
      points.run(id, Number(step), at - Math.min(days, kept) * day);
  const before = at - days * day;
  for (const [table, column] of [
    ["changes", "at"],
    ["watched", "ended"],
    ["records", "ended"],
    ["drills", "at"],
  ])
    database.prepare(`DELETE FROM ${table} WHERE ${column} < ?`).run(before);
  // A name that nothing is kept of any more.
  database.exec(`DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM points WHERE series = series.id);
    DELETE FROM states WHERE status = 'gone' AND name NOT IN (SELECT name FROM changes);`);
}
