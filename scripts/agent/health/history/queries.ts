import type { DatabaseSync } from "node:sqlite";
import type { Check } from "../../../../contract/health/check";
import { type Kind, type Point, steps } from "./tables";

const day = 86_400;

/** For how many days the page looks back. */
export const shownDays = 30;

/** A time in which a check was not good. Times are seconds since 1970. */
export interface Outage {
  name: string;
  status: string;
  sentence: string;
  began: number;
  /** Absent: it lasts. */
  ended?: number;
}

/** The newest first, and at most these. */
const mostOutages = 20;

export function outagesOf(database: DatabaseSync, at: number): Outage[] {
  const rows = database
    .prepare(
      `SELECT name, status, sentence, at AS began,
         (SELECT later.at FROM changes later WHERE later.name = changes.name AND later.id > changes.id
          ORDER BY later.id LIMIT 1) AS ended
       FROM changes INDEXED BY changes_in_time
       WHERE at BETWEEN ? AND ? AND name <> '' AND status IN ('failed', 'degraded', 'unknown')
       ORDER BY at DESC, id DESC LIMIT ${mostOutages}`,
    )
    .all(at - shownDays * day, at) as unknown as (Outage & { ended: number | null })[];
  return rows.map(({ ended, ...outage }) => (ended === null ? outage : { ...outage, ended }));
}

/** What was not good at the last look that the file has, each with the sentence of its last change. */
export function leftIn(database: DatabaseSync): Check[] {
  return database
    .prepare(
      `SELECT name, status, since, coalesce((SELECT sentence FROM changes WHERE changes.name = states.name
           ORDER BY id DESC LIMIT 1), 'It was so at the last look.') AS sentence
       FROM states WHERE name <> '' AND status IN ('failed', 'degraded', 'unknown')`,
    )
    .all() as unknown as Check[];
}

/** The worst lag of each quarter of an hour of the last day. */
export function lagOf(database: DatabaseSync, standby: string, at: number): Point[] {
  return database
    .prepare(
      `SELECT ? AS name, at - at % 900 AS at, max(value) AS value FROM points
       WHERE series = (SELECT id FROM series WHERE kind = 'lag' AND name = ?) AND step = ${steps.minute}
         AND at BETWEEN ? AND ? GROUP BY 2 ORDER BY 2`,
    )
    .all(standby, standby, at - day, at) as unknown as Point[];
}

/**
 * Bytes a day, as the line that fits the last week's hours best: what is deleted each night makes no trend. Absent: they
 * span less than a day.
 */
export function growthOf(database: DatabaseSync, disk: string, at: number): number | undefined {
  for (const part of disk.split(", ")) {
    const points = hours(database, "disk", part, at - 7 * day, at);
    const [first, last] = [points.at(0), points.at(-1)];
    if (first && last && last.at - first.at >= day && points.length >= 12)
      return slope(points) * day;
  }
  return undefined;
}

function hours(database: DatabaseSync, kind: Kind, name: string, from: number, to: number) {
  return database
    .prepare(
      `SELECT at, value FROM points WHERE series = (SELECT id FROM series WHERE kind = ? AND name = ?)
         AND step = ${steps.hour} AND at BETWEEN ? AND ? ORDER BY at`,
    )
    .all(kind, name, from, to) as unknown as { at: number; value: number }[];
}

/** Of the line with the least squares. */
export function slope(points: readonly { at: number; value: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [at, value] = [mean(points.map((one) => one.at)), mean(points.map((one) => one.value))];
  let [together, alone] = [0, 0];
  for (const point of points) {
    together += (point.at - at) * (point.value - value);
    alone += (point.at - at) ** 2;
  }
  return alone === 0 ? 0 : together / alone;
}
