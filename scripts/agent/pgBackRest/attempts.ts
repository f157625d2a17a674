import { backupRecords } from "../../../contract/backupRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import { type BackupJob, backupJobs } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { inFuture } from "../kit/clock";
import { readRuns } from "../kit/records";
import { exitCode } from "./exitCodes";

/** The jobs that make another one unnecessary, with itself: a full backup is better than a diff that was due. */
const covering: Readonly<Record<BackupJob, readonly BackupJob[]>> = {
  full: ["full"],
  diff: ["diff", "full"],
  incr: ["incr", "diff", "full"],
  check: ["check"],
  verify: ["verify"],
  maintenance: ["maintenance"],
};

/**
 * When each job was last begun in each repository, whether or not it worked. A run that was stopped does not
 * count, so that the next start of the agent makes it again.
 */
export class BackupAttempts {
  /** In milliseconds. */
  private readonly times = new Map<string, number>();
  private readonly gapFulls = new Map<number, number>();
  private earliest = Infinity;

  /** @param repositories the numbers of all of them */
  constructor(private readonly repositories: readonly number[]) {}

  /** Reads what earlier processes noted. */
  async read(context: Context): Promise<this> {
    for (const job of backupJobs) {
      for (const record of await readRuns(context, backupRecords[job])) this.note(record);
    }
    return this;
  }

  /** Notes a run. One that did not get as far as a repository counts for all of them. */
  note({ job, trigger, startedAt, result, backups, repositories }: JobRecord): void {
    const at = Date.parse(startedAt);
    const name = backupJobs.find((one) => backupRecords[one] === job);
    if (!name || result === "skipped" || inFuture(at)) return;
    this.earliest = Math.min(this.earliest, at);
    const results = backups ?? repositories ?? [];
    const tried = results.filter(({ code }) => code !== exitCode.stopped);
    const numbers = results.length > 0 ? tried.map((one) => one.repository) : this.repositories;
    for (const number of numbers) {
      this.times.set(key(name, number), Math.max(this.lastOf(name, number), at));
    }
    if (trigger !== "archive-gap") return;
    for (const one of tried.filter((each) => each.result === "success")) {
      this.gapFulls.set(one.repository, Math.max(this.lastGapFull(one.repository), at));
    }
  }

  /** When the last full backup that a gap caused and that succeeded was begun, in milliseconds. 0: never. */
  lastGapFull(repository: number): number {
    return this.gapFulls.get(repository) ?? 0;
  }

  /** When this very job was last begun, in milliseconds. 0: never. */
  lastOf(job: BackupJob, repository: number): number {
    return this.times.get(key(job, repository)) ?? 0;
  }

  /** The repositories in which a job was due at a moment, and that have had nothing as good since. */
  notSince(job: BackupJob, due: Date): number[] {
    const at = due.getTime();
    // What was due before there was anything is not missed.
    if (at < this.earliest) return [];
    return this.repositories.filter((number) =>
      covering[job].every((other) => this.lastOf(other, number) < at),
    );
  }
}

const key = (job: BackupJob, repository: number) => `${job} ${repository}`;
