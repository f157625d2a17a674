import type { RepositoryOverview } from "../../../../contract/agentOverview";
import { Marks } from "./marks";

/** Remembers when the primary was written to, and compares it with the newest WAL of each repository. */
export class Unarchived {
  private readonly writes = new Marks();
  private count = 0n;

  /** @param at milliseconds since 1970 */
  note(at: number): void {
    this.writes.add(this.count++, at);
  }

  /** Since when the primary has written what no WAL of a repository has, by its number. */
  in(repositories: readonly RepositoryOverview[] = []): Record<string, string> {
    return Object.fromEntries(
      repositories.flatMap(({ repository, newestWal }) => {
        const since = newestWal && this.writes.firstAfter(Date.parse(newestWal.at));
        return since ? [[repository, new Date(since).toISOString()]] : [];
      }),
    );
  }
}
