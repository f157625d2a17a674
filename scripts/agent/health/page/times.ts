import { inFuture } from "../../../../contract/clock";
import { duration } from "../../../../contract/health/figures";
import { html, type Html } from "./html";

/** Times as people of the stack's time zone read them. */
export interface Clock {
  now: number;
  /** Such as `Europe/London, GMT`. */
  zone: string;
  /** `02:14` today, `28 Nov 02:14` otherwise. Its title is the time in UTC. */
  at(iso: string): Html;
  /** The same with seconds. */
  exactly(iso: string): Html;
  /** `28 Nov`, of seconds since 1970. */
  day(seconds: number): string;
  /** Seconds since a time, never less than none. */
  age(iso: string): number;
  /** `23 min ago`, or `in the future`: a clock was wrong. */
  ago(iso: string): string;
}

export function clockOf(now: Date, timeZone: string): Clock {
  const part = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
    return (iso: string | Date) => {
      const date = new Date(iso);
      return Number.isNaN(date.getTime()) ? "unknown" : format.format(date);
    };
  };
  const day = part({ day: "numeric", month: "short" });
  const year = part({ year: "numeric" });
  const time = part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const second = part({ timeStyle: "medium", hourCycle: "h23" });
  const name = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "short" })
    .formatToParts(now)
    .find(({ type }) => type === "timeZoneName")?.value;
  const age = (iso: string) => Math.max(0, (now.getTime() - Date.parse(iso)) / 1000);
  const today = { day: day(now), year: year(now) };
  const dated = (iso: string, clock: string) => {
    const shown = day(iso);
    // The same day of another year is far away.
    if (age(iso) > 300 * 86_400 && year(iso) !== today.year)
      return `${shown} ${year(iso)} ${clock}`;
    return shown === today.day ? clock : `${shown} ${clock}`;
  };
  const marked = (iso: string, shown: string) => {
    if (Number.isNaN(Date.parse(iso))) return html`unknown`;
    const utc = new Date(iso).toISOString();
    const title = `${utc.slice(0, 19).replace("T", " ")} UTC`;
    return html`<time datetime="${utc}" title="${title}">${shown}</time>`;
  };
  return {
    now: now.getTime() / 1000,
    zone: name === undefined || name === timeZone ? timeZone : `${timeZone}, ${name}`,
    at: (iso) => marked(iso, dated(iso, time(iso))),
    exactly: (iso) => marked(iso, dated(iso, second(iso))),
    day: (seconds) => day(new Date(seconds * 1000)),
    age,
    ago: (iso) => (inFuture(iso, now) ? "in the future" : `${duration(age(iso))} ago`),
  };
}

/** ISO 8601 of seconds since 1970. */
export const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
