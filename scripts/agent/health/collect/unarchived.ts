import type { RepositoryOverview } from "../../../../contract/agentOverview";
import { Marks } from "./marks";

/** Remembers when the primary was written to, and compares it with the newest WAL of each repository. */
export class Unarchived {
  private readonly writes = new Marks();
  private count = 0n;

  /** @param kept what the last run of the monitor knew, as `in` returns it */
  constructor(private readonly kept: Readonly<Record<string, string>> = {}) {}

  /** @param at milliseconds since 1970 */
  note(at: number): void {
    this.writes.add(this.count++, at);
  }

  /** Since when the primary has written what no WAL of a repository has, by its number. */
  in(repositories: readonly RepositoryOverview[] = []): Record<string, string> {
    return Object.fromEntries(
      repositories.flatMap(({ repository, newestWal }) => {
        const archived = Date.parse(newestWal?.at ?? "");
        const kept = Date.parse(this.kept[repository] ?? "");
        const times = [kept, this.writes.firstAfter(archived) ?? NaN];
        const missing = times.filter((at) => at > archived);
        if (missing.length === 0) return [];
        return [[repository, new Date(Math.min(...missing)).toISOString()]];
      }),
    );
  }
}
