/** A moment in microseconds since 1970, UTC: PostgreSQL's own resolution. Exact until the year 2255. */
export type Micros = number;

const second = 1_000_000;
const day = 86_400 * second;

/** A time as a person wrote it. */
export interface WrittenTime {
  /** What it would be in UTC. */
  wall: Micros;
  /** East of UTC. Absent: the time has no zone. */
  offsetMinutes?: number;
}

/** The moments that a written time may mean in a time zone. */
export type Reading =
  | { kind: "once"; moment: Micros }
  /** The clocks go back, and it comes twice. The earlier one first. */
  | { kind: "twice"; moments: [Micros, Micros] }
  /** The clocks go forward, and it never comes. What it is by the clock after and before that. */
  | { kind: "never"; moments: [Micros, Micros] };

const form =
  /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)? ?(?:(Z|UTC)|([+-])(\d{2})(?::?(\d{2}))?)?$/i;

/** Reads `2026-11-29 12:00`, with seconds and up to six more digits, and with `Z` or an offset such as `+01:00`. */
export function readTime(text: string): WrittenTime | undefined {
  const parts = form.exec(text.trim());
  if (!parts) return undefined;
  const [, year, month, date, hour, minute, seconds = "00", fraction = ""] = parts;
  const [utc, sign, hours, minutes = "00"] = parts.slice(8);
  const whole = `${year}-${month}-${date}T${hour}:${minute}:${seconds}`;
  const ms = Date.parse(`${whole}Z`);
  // Some days and hours are only well-formed, such as 30 February.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== whole) return undefined;
  const wall = ms * 1000 + Number(fraction.padEnd(6, "0"));
  if (utc !== undefined) return { wall, offsetMinutes: 0 };
  if (sign === undefined || hours === undefined) return { wall };
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined;
  const offset = Number(hours) * 60 + Number(minutes);
  return { wall, offsetMinutes: sign === "-" ? -offset : offset };
}

/** What a written time means. One with an offset means one moment everywhere. */
export function readIn(timeZone: string, { wall, offsetMinutes }: WrittenTime): Reading {
  if (offsetMinutes !== undefined)
    return { kind: "once", moment: wall - offsetMinutes * 60 * second };
  const offsets = [wall - day, wall + day].map((near) => offsetAt(near, timeZone));
  const moments = [...new Set(offsets.map((offset) => wall - offset))].sort((a, b) => a - b);
  const real = moments.filter((one) => one + offsetAt(one, timeZone) === wall);
  const [first = wall, last = first] = real.length > 0 ? real : moments;
  if (real.length === 1) return { kind: "once", moment: first };
  return { kind: real.length === 0 ? "never" : "twice", moments: [first, last] };
}

/** How far a time zone is east of UTC at a moment, in microseconds. */
function offsetAt(moment: Micros, timeZone: string): Micros {
  const ms = Math.floor(moment / second) * 1000;
  const parts = formatOf(timeZone).formatToParts(ms);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((one) => one.type === type)?.value);
  const [year, month, date] = [part("year"), part("month"), part("day")];
  return (
    (Date.UTC(year, month - 1, date, part("hour"), part("minute"), part("second")) - ms) * 1000
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const two = "2-digit" as const;
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" },
    ...{ year: "numeric", month: two, day: two, hour: two, minute: two, second: two },
  });
  formats.set(timeZone, format);
  return format;
}

/** `2026-11-29 12:00:00.5`: no digits that say nothing. */
function wallText(wall: Micros): string {
  const whole = Math.floor(wall / second);
  const fraction = String(wall - whole * second)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const text = new Date(whole * 1000).toISOString().slice(0, 19).replace("T", " ");
  return fraction === "" ? text : `${text}.${fraction}`;
}

/** `2026-11-29 12:00:00 UTC`. */
export const inUtc = (moment: Micros): string => `${wallText(moment)} UTC`;

/** `2026-11-29 13:00:00+01:00`: what `readTime` reads back. */
export function inZone(moment: Micros, timeZone: string): string {
  const offset = offsetAt(moment, timeZone);
  const minutes = Math.round(Math.abs(offset) / (60 * second));
  const two = (value: number) => String(value).padStart(2, "0");
  const sign = offset < 0 ? "-" : "+";
  return `${wallText(moment + offset)}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** A moment in the stack's time zone and in UTC, or in UTC alone where these are the same. */
export function inBoth(moment: Micros, timeZone: string): string {
  const isUtc = ["UTC", "Etc/UTC"].includes(timeZone);
  return isUtc ? inUtc(moment) : `${inZone(moment, timeZone)} (${inUtc(moment)})`;
}

/** As pgBackRest and PostgreSQL read it, whatever their time zones: `2026-11-29 12:00:00+00`. */
export const asTarget = (moment: Micros): string => `${wallText(moment)}+00`;

/** ISO 8601 with all that is known of it. */
export const asIso = (moment: Micros): string => `${wallText(moment).replace(" ", "T")}Z`;

/** A moment from ISO 8601 in milliseconds, such as those of backups. */
export const microsOf = (iso: string): Micros => Date.parse(iso) * 1000;
