import type { JobRecord } from "../../../contract/jobRecord";
import { past } from "../../../contract/clock";

/**
 * When each database was last tried, whether or not that worked. A time in the future is a mistake of the clock
 * and counts as never: otherwise nothing would be due until then.
 */
export class LastAttempts {
  /** In milliseconds. 0: never. */
  private readonly times = new Map<string, number>();

  /**
   * Keeps exactly these databases.
   *
   * @param since when the database was last tried, as far as the caller knows, in milliseconds
   */
  keep(databases: readonly string[], since: (database: string) => number = () => 0): void {
    for (const name of this.times.keys()) if (!databases.includes(name)) this.times.delete(name);
    for (const name of databases) this.advance(name, since(name));
  }

  /** Notes a run. One that could not even read the names counts for all databases. */
  note({ endedAt, databases = [] }: Pick<JobRecord, "endedAt" | "databases">): void {
    const names =
      databases.length > 0 ? databases.map(({ database }) => database) : [...this.times.keys()];
    for (const name of names) this.advance(name, Date.parse(endedAt));
  }

  /** The databases that have not been tried since this moment. */
  notSince(moment: Date): string[] {
    return [...this.times].filter(([, at]) => past(at) < moment.getTime()).map(([name]) => name);
  }

  private advance(name: string, at: number): void {
    this.times.set(name, Math.max(past(this.times.get(name) ?? 0), past(at)));
  }
}
