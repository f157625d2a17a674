import { stat } from "node:fs/promises";
import { join } from "node:path";
import { backupRecords } from "../../../contract/backupRecord";
import type { DrillResult } from "../../../contract/drillRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import type { Context } from "../kit/context";
import { inFuture } from "../kit/clock";
import { withStop } from "../kit/failure";
import { lastDue } from "../kit/schedule";
import { readRuns } from "../kit/records";
import { exitCode } from "../../../contract/pgBackRestExits";

/** How long a drill may take after it was due, before it is overdue. */
const graceMs = 6 * 3_600_000;

/** The last drill of a repository. */
export interface LastDrill {
  repository: number;
  at: string;
  result: DrillResult["result"];
  detail: string;
}

/** The last drill of each repository that came to an end. One that was stopped says nothing. */
export function lastDrills(
  runs: readonly JobRecord[],
  repositories: readonly number[],
): LastDrill[] {
  return repositories.flatMap((repository) => {
    const found = runs.findLast(
      (run) => !inFuture(run.endedAt) && resultIn(run, repository) !== undefined,
    );
    const result = found && resultIn(found, repository);
    return result ? [{ repository, at: found.endedAt, ...result }] : [];
  });
}

function resultIn(
  { result, detail, drills = [] }: JobRecord,
  repository: number,
): Pick<LastDrill, "result" | "detail"> | undefined {
  if (result === "skipped") return undefined;
  const own = drills.find((one) => one.repository === repository && one.code !== exitCode.stopped);
  if (own) return { result: own.result, detail: own.detail };
  // One that ended before it got as far as a repository counts for all of them.
  return drills.length === 0 && result === "failed" ? { result, detail } : undefined;
}

/** What is wrong with the drills of a repository, in one sentence or two. Undefined: nothing. */
export function drillProblem(
  { config }: Pick<Context, "config">,
  last: LastDrill | undefined,
  oldestBackup: string | undefined,
  now = new Date(),
): string | undefined {
  if (last?.result === "failed") {
    return `The last drill, of ${last.at.slice(0, 19)}Z, failed: ${withStop(last.detail)}`;
  }
  const schedule = config.backups?.schedules.drill;
  if (!schedule || oldestBackup === undefined) return undefined;
  const due = lastDue(schedule, config.timeZone, new Date(now.getTime() - graceMs));
  // Before the first backup there was nothing to restore.
  if (Date.parse(oldestBackup) > due.getTime()) return undefined;
  if (last && Date.parse(last.at) >= due.getTime()) return undefined;
  const before = last ? `The last one was of ${last.at.slice(0, 19)}Z.` : "There was none yet.";
  return `The drill that was due at ${due.toISOString().slice(0, 19)}Z is overdue. ${before}`;
}

/** Reads the last drills, and again only when there was another one. */
export class LastDrills {
  private known: LastDrill[] = [];
  private readAt: number | undefined;

  constructor(private readonly context: Context) {}

  async read(): Promise<LastDrill[]> {
    const file = join(this.context.paths.records, `${backupRecords.drill}.json`);
    const at = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    if (at === this.readAt) return this.known;
    const numbers = (this.context.config.backups?.repositories ?? []).map(({ number }) => number);
    this.known = lastDrills(await readRuns(this.context, backupRecords.drill), numbers);
    this.readAt = at;
    return this.known;
  }
}
