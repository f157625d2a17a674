import type { RepositoryOverview } from "../../../../contract/agentOverview";
import { inFuture } from "../../../../contract/clock";
import { Marks } from "./marks";

/** Remembers when the primary was written to, and compares it with the newest WAL of each repository. */
export class Unarchived {
  private writes = new Marks();
  private count = 0n;
  private noted = 0;
  /** Of WAL whose time lies in the future: when it was first seen, by the repository's number. */
  private readonly seen = new Map<number, { segment: string; at: number }>();

  /** @param kept what the last run of the monitor knew, as `in` returns it */
  constructor(private readonly kept: Readonly<Record<string, string>> = {}) {}

  /** @param at milliseconds since 1970 */
  note(at: number): void {
    // The clock was set back: what it said before says nothing of when that was.
    if (inFuture(this.noted, at)) this.writes = new Marks();
    this.noted = at;
    this.writes.add(this.count++, at);
  }

  /** Since when the primary has written what no WAL of a repository has, by its number. */
  in(repositories: readonly RepositoryOverview[] = [], now = Date.now()): Record<string, string> {
    return Object.fromEntries(
      repositories.flatMap(({ repository, newestWal }) => {
        const archived = newestWal ? this.archivedAt(repository, newestWal, now) : NaN;
        const kept = Date.parse(this.kept[repository] ?? "");
        const times = [kept, this.writes.firstAfter(archived) ?? NaN];
        const missing = times.filter((at) => at > archived && !inFuture(at, now));
        if (missing.length === 0) return [];
        return [[repository, new Date(Math.min(...missing)).toISOString()]];
      }),
    );
  }

  private archivedAt(
    repository: number,
    { segment, at }: NonNullable<RepositoryOverview["newestWal"]>,
    now: number,
  ): number {
    const archived = Date.parse(at);
    if (!inFuture(archived, now)) return archived;
    const known = this.seen.get(repository);
    const first = known?.segment === segment ? known : { segment, at: now };
    this.seen.set(repository, first);
    return first.at;
  }
}
