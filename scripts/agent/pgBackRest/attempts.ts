import { backupRecords } from "../../../contract/backupRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import { type BackupJob, backupJobs, backupTypes } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { inFuture, past } from "../../../contract/clock";
import { readRuns } from "../kit/records";
import { exitCode } from "../../../contract/pgBackRestExits";

/** The jobs that make another one unnecessary, with itself: a full backup is better than a diff that was due. */
const covering: Readonly<Record<BackupJob, readonly BackupJob[]>> = {
  full: ["full"],
  diff: ["diff", "full"],
  incr: ["incr", "diff", "full"],
  check: ["check"],
  verify: ["verify"],
  drill: ["drill"],
  maintenance: ["maintenance"],
};

/** The time after which a backup that failed is tried again. */
const againMs = 3_600_000;

/** By job and repository, in milliseconds. */
type Times = Map<string, number>;

/**
 * When each job was last made in each repository. A backup that failed or was skipped is due again after an hour;
 * the other jobs count also when they fail, because they looked. A run that was stopped does not count, so that the
 * next start of the agent makes it again. A time in the future was noted while the clock was wrong, and counts as never:
 * otherwise nothing would be due until then.
 */
export class BackupAttempts {
  private readonly begun: Times = new Map();
  /** When those that need not be made again were begun. */
  private readonly made: Times = new Map();
  /** When those that are tried again ended. */
  private readonly failed: Times = new Map();
  private readonly gapFulls: Times = new Map();
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
  note(record: JobRecord): void {
    const at = Date.parse(record.startedAt);
    const job = backupJobs.find((one) => backupRecords[one] === record.job);
    const skipped = record.result === "skipped";
    if (!job || inFuture(at) || (skipped && !isBackup(job))) return;
    if (!skipped) this.earliest = Math.min(this.earliest, at);
    const results = record.backups ?? record.repositories ?? record.drills ?? [];
    const ofAll = this.repositories.map(
      (repository) => ({ repository, result: "failed" }) as const,
    );
    for (const one of results.length > 0 ? results : ofAll) {
      if ("code" in one && one.code === exitCode.stopped) continue;
      const place = key(job, one.repository);
      later(this.begun, place, at);
      // One that was made, and found that older ones are gone, is made.
      const again = isBackup(job) && one.result === "failed" && !("backup" in one);
      if (again) later(this.failed, place, Date.parse(record.endedAt));
      else later(this.made, place, at);
      if (!again && record.trigger === "archive-gap") later(this.gapFulls, place, at);
    }
  }

  /** When the last full backup that a gap caused and that succeeded was begun, in milliseconds. 0: never. */
  lastGapFull(repository: number): number {
    return timeOf(this.gapFulls, key("full", repository));
  }

  /** When this very job last failed or was skipped, in milliseconds. 0: never. */
  lastFailed(job: BackupJob, repository: number): number {
    return timeOf(this.failed, key(job, repository));
  }

  /** When this very job was last begun, whether or not it worked, in milliseconds. 0: never. */
  lastOf(job: BackupJob, repository: number): number {
    return timeOf(this.begun, key(job, repository));
  }

  /**
   * The repositories in which a job was due at a moment, and that have had nothing as good since. Where it failed
   * since, it has an hour before it is tried again.
   */
  notSince(job: BackupJob, due: Date, now = Date.now()): number[] {
    const at = due.getTime();
    // What was due before there was anything is not missed.
    if (at < this.earliest) return [];
    return this.repositories.filter((number) => {
      const failed = timeOf(this.failed, key(job, number), now);
      if (failed >= at && now - failed < againMs) return false;
      return covering[job].every((other) => timeOf(this.made, key(other, number), now) < at);
    });
  }
}

const isBackup = (job: BackupJob) => backupTypes.some((type) => type === job);

const key = (job: BackupJob, repository: number) => `${job} ${repository}`;

/** 0: never. The clock was ahead when a time of the future was noted, and nothing waits until then. */
const timeOf = (times: Times, place: string, now?: number): number =>
  past(times.get(place) ?? 0, now);

const later = (times: Times, place: string, at: number) =>
  times.set(place, Math.max(timeOf(times, place), past(at)));
