import { readTime, type WrittenTime } from "./pgTime";

/** What the operator may say of the state that a restore goes to. Without any of it: everything that is archived. */
export interface RestoreOptions {
  /** The label of the backup to begin with. */
  set?: string;
  /** With or without a zone. Without one it is read in `laterbase:timeZone`. */
  toTime?: string;
  /** As PostgreSQL prints it: 64 bits, with the epoch, or the 32 bits that the WAL has. */
  toXid?: string;
  /** Such as `0/5000098`. */
  toLsn?: string;
  /** A restore point. */
  toName?: string;
  /** The end of a backup, and nothing later. */
  immediate?: boolean;
  /** The number of a timeline. */
  timeline?: string;
  /** Replaces the primary's data. Default: a server beside it. */
  inPlace?: boolean;
}

/** The state that a restore goes to. */
export type RestoreTarget =
  | { kind: "latest" | "immediate" }
  | { kind: "time"; time: WrittenTime }
  | XidTarget
  | { kind: "lsn"; lsn: string }
  | { kind: "name"; name: string };

/** A transaction. */
export interface XidTarget {
  kind: "xid";
  /** Its number in the WAL. */
  xid: number;
  /** The number as it was typed, where it has an epoch. */
  full?: string;
}

/** The options of a restore as they were read. */
export interface RestoreWish {
  target: RestoreTarget;
  /** The label of the backup to begin with. Absent: the newest one that fits. */
  set?: string;
  /** Absent: the one that the primary is on. */
  timeline?: number;
  /** The restored server takes the place of the primary, so it archives. */
  inPlace?: true;
}

/** Targets, by the options that name them. Two of them never go together. */
const options = {
  toTime: "--to-time",
  toXid: "--to-xid",
  toLsn: "--to-lsn",
  toName: "--to-name",
  immediate: "--immediate",
} as const;

/** Reads the options of a restore. A problem is one sentence, which names the option and shows an example. */
export function readRestoreOptions(given: RestoreOptions): RestoreWish | { problem: string } {
  const keys = Object.keys(options) as (keyof typeof options)[];
  const named = keys.filter((key) => given[key] !== undefined && given[key] !== false);
  const [first, second] = named.map((key) => options[key]);
  if (first !== undefined && second !== undefined) {
    return { problem: `${first} and ${second} do not go together: a restore has one target.` };
  }
  const target = targetOf(given);
  if ("problem" in target) return target;
  const { set, timeline, inPlace } = given;
  if (set !== undefined && !isLabel(set)) {
    return bad("--set", set, "the label of a backup, such as --set 20261129-020000F");
  }
  if (timeline !== undefined && !isTimeline(timeline)) {
    return bad("--timeline", timeline, "the number of a timeline, such as --timeline 2");
  }
  return {
    target,
    ...(set === undefined ? {} : { set }),
    ...(timeline === undefined ? {} : { timeline: Number(timeline) }),
    ...(inPlace ? { inPlace } : {}),
  };
}

function targetOf(given: RestoreOptions): RestoreTarget | { problem: string } {
  const { toTime, toXid, toLsn, toName, immediate } = given;
  if (toTime !== undefined) {
    const time = readTime(toTime);
    if (time) return { kind: "time", time };
    const example = 'a date and a time, such as --to-time "2026-11-29 12:00:00+00:00"';
    return bad("--to-time", toTime, example);
  }
  if (toXid !== undefined) {
    return (
      readXid(toXid) ?? bad("--to-xid", toXid, "the number of a transaction, such as --to-xid 742")
    );
  }
  if (toLsn !== undefined) {
    const lsn = readLsn(toLsn);
    if (lsn !== undefined) return { kind: "lsn", lsn };
    return bad("--to-lsn", toLsn, "a place in the WAL, such as --to-lsn 0/5000098");
  }
  if (toName !== undefined) {
    if (isPointName(toName)) return { kind: "name", name: toName };
    const form = `the name of a restore point, of ${pointNameRule}`;
    return bad("--to-name", toName, `${form}, such as --to-name before_release`);
  }
  return { kind: immediate ? "immediate" : "latest" };
}

const bad = (option: string, value: string, form: string) => ({
  problem: `${option} takes ${form}, and not ${JSON.stringify(value)}.`,
});

/** A backup's label: of the full one, and of the diff or incr that stands on it. */
const isLabel = (text: string) => /^\d{8}-\d{6}F(_\d{8}-\d{6}[DI])?$/.test(text);

const isTimeline = (text: string) =>
  /^\d{1,10}$/.test(text) && Number(text) >= 1 && Number(text) < 2 ** 32;

/** `pg_current_xact_id()` counts on where the numbers in the WAL begin again, at 3. */
function readXid(text: string): XidTarget | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const full = BigInt(text);
  const xid = Number(BigInt.asUintN(32, full));
  if (full >= 2n ** 64n || xid < 3) return undefined;
  return { kind: "xid", xid, ...(full === BigInt(xid) ? {} : { full: String(full) }) };
}

/** The number of a transaction in words: both numbers where it has two. */
export const xidWords = ({ xid, full }: XidTarget): string =>
  full === undefined ? String(xid) : `${full} (${xid} in the WAL)`;

/** An LSN as PostgreSQL prints it. */
function readLsn(text: string): string | undefined {
  if (!/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(text)) return undefined;
  const parts = text.split("/").map((part) => Number.parseInt(part, 16).toString(16).toUpperCase());
  return parts.join("/");
}

/** What {@link isPointName} asks of a name, in words. */
export const pointNameRule =
  "at most 63 bytes without quotes and backslashes, and without white space at its ends";

/**
 * Whether a restore point may have this name. pgBackRest writes it into PostgreSQL's configuration as it is, so a
 * quote would end it there. White space at its ends is lost where records of the WAL are read.
 */
export function isPointName(name: string): boolean {
  const bytes = new TextEncoder().encode(name).length;
  return bytes >= 1 && bytes <= 63 && !/['"\\\p{C}]|^\s|\s$/u.test(name);
}
