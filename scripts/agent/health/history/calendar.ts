import type { DatabaseSync } from "node:sqlite";
import { type Day, dayStarts, daysOf, emptyDays } from "./days";

/** The last 30 days, of which 29 are over: those are read once an hour, for runs that are heard of later. */
export class Calendar {
  private starts: number[] = [];
  private timeZone = "";
  private over: { hour: number; days: Day[] } | undefined;

  days(database: DatabaseSync | undefined, now: Date, timeZone: string): Day[] {
    const at = now.getTime() / 1000;
    const today = at >= this.starts.at(-2)! && at < this.starts.at(-1)!;
    if (!today || timeZone !== this.timeZone) {
      this.starts = dayStarts(now, timeZone);
      this.timeZone = timeZone;
      this.over = undefined;
    }
    const { starts } = this;
    if (!database) return emptyDays(starts);
    const hour = Math.floor(at / 3600);
    if (this.over?.hour !== hour)
      this.over = { hour, days: daysOf(database, starts.slice(0, -1), at) };
    return [...this.over.days, ...daysOf(database, starts.slice(-2), at)];
  }
}
