import type { Omission } from "../../../contract/manifest";
import { shellQuote } from "../../../contract/quoting";
import { visible } from "../../../contract/visible";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1.2 GB`: units of a thousand, two significant digits. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** How long ago, in the unit that people would use. */
export function age(then: string, now: Date): string {
  const minutes = (now.getTime() - new Date(then).getTime()) / 60_000;
  if (minutes < 1) return "now";
  if (minutes < 120) return `${Math.floor(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 60 / 24)} days`;
}

/** A moment in UTC, to the second. */
export function moment(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}

/** `1,234 rows`, `1 row`. */
export function count(number: number, what: string): string {
  return `${number.toLocaleString("en-US")} ${what}${number === 1 ? "" : "s"}`;
}

/** What a dump lacks, on one line: a name that holds a line break cannot begin another. */
export function omitted(where: string, { what, why }: Omission): string {
  return visible(`${where}: ${what}, because ${why}.`);
}

export function seconds(value: number): string {
  return value < 120 ? `${value.toFixed(1)} s` : `${Math.round(value / 60)} min`;
}

/** A word as it must be typed in a shell. */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuote(text);
}
