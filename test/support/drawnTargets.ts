import { randomInt } from "node:crypto";
import type { Moment, RestoreLab } from "./restoreLab";

export const kinds = ["time", "xid", "lsn"] as const;

/** A target that was drawn: the option, and the rows that must be there. */
export interface Drawn {
  words: string[];
  rows: number;
}

/** Draws a moment between two commits, and how it is named. */
export async function drawn(
  lab: RestoreLab,
  kind: (typeof kinds)[number],
  [least, most]: readonly [number, number],
): Promise<Drawn> {
  const moment: Moment = await lab.moment(randomInt(least, most + 1));
  return { words: [`--to-${kind}`, moment[kind]], rows: moment.rows };
}

/** What `rows` of a lab says of so many rows. */
export const exactly = (rows: number) => `${rows} ${Math.min(rows, 1)} ${rows}`;
