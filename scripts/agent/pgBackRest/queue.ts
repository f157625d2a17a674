import { backupRecords } from "../../../contract/backupRecord";
import { unreached } from "../../../contract/drillRecord";
import { type JobRecord, triggers } from "../../../contract/jobRecord";
import { type BackupJob, backupTypes } from "../../../contract/pgBackRest";
import { exitCode } from "../../../contract/pgBackRestExits";
import { elapsed } from "../kit/clock";
import type { Context, Say, Work } from "../kit/context";
import { Failure, sentenceOf } from "../kit/failure";
import { outcomeOf } from "../kit/outcome";
import { writeRecord } from "../kit/records";
import type { JobArgs } from "./job";
import { repositoriesOf } from "./settings";

/** A check and a drill need none of pgBackRest's locks that the others take, so neither waits for them. */
type Lane = "check" | "drill" | "work";

const laneOf = (job: BackupJob): Lane => (job === "check" || job === "drill" ? job : "work");

/**
 * The jobs of backups, one at a time, because each of them may need pgBackRest's lock. A job waits for the one
 * under way. One that is under way or waits already is not begun twice.
 */
export class BackupQueue {
  private readonly last: Record<Lane, Promise<unknown>> = {
    check: Promise.resolve(),
    drill: Promise.resolve(),
    work: Promise.resolve(),
  };
  private readonly begun: BackupJob[] = [];

  /**
   * @param work one run, in a process of its own
   * @param ended gets the record of each run, also of a skipped one
   */
  constructor(
    private readonly context: Context,
    private readonly work: Work,
    private readonly ended: (record: JobRecord) => void = () => undefined,
  ) {}

  /** Whether a job other than a check or a drill runs or waits. */
  get isBusy(): boolean {
    return this.begun.some((job) => laneOf(job) === "work");
  }

  /** Whether this very job runs or waits. */
  isUnderWay(job: BackupJob): boolean {
    return this.begun.includes(job);
  }

  /**
   * Runs a job, after those that wait already.
   *
   * @returns the record
   * @throws Failure when a repository failed, unless `record` asks for the record; the others have had their turn
   */
  async run(
    job: BackupJob,
    args: Record<string, unknown>,
    say: Say,
    signal: AbortSignal,
  ): Promise<JobRecord> {
    const wanted = readArgs(this.context, job, args);
    // A person who asks for it gets a run of their own.
    if (wanted.trigger !== "operator" && this.isUnderWay(job)) return this.skip(wanted);
    const record = await this.inTurn(wanted, say, signal);
    if (record.result === "failed" && args["record"] !== true) throw new Failure(record.detail);
    return record;
  }

  private async inTurn(wanted: JobArgs, say: Say, signal: AbortSignal): Promise<JobRecord> {
    const { job } = wanted;
    const lane = laneOf(job);
    if (this.begun.some((other) => laneOf(other) === lane)) say("waiting for the job under way");
    this.begun.push(job);
    const run = this.last[lane].then(() => {
      signal.throwIfAborted();
      return this.recorded(wanted, say, signal);
    });
    this.last[lane] = run.catch(() => undefined);
    try {
      return await run;
    } finally {
      this.begun.splice(this.begun.indexOf(job), 1);
    }
  }

  /** The run's record. When its process died before it wrote one, this writes that it died. */
  private async recorded(wanted: JobArgs, say: Say, signal: AbortSignal): Promise<JobRecord> {
    const { context } = this;
    const name = backupRecords[wanted.job];
    const startedAt = new Date().toISOString();
    const began = elapsed();
    const outcome = await outcomeOf(
      context,
      name,
      () => this.work({ ...wanted }, context, say, signal),
      (error) => {
        const died = this.recordOf(wanted, "failed", sentenceOf(error), startedAt);
        return { ...died, ...this.resultsOf(wanted, died, elapsed() - began, signal) };
      },
    );
    const record = "result" in outcome ? (outcome.result as JobRecord) : outcome.record;
    this.ended(record);
    return record;
  }

  private resultsOf(
    { job, repositories }: JobArgs,
    { detail }: JobRecord,
    ms: number,
    { aborted: stopped }: AbortSignal,
  ): ReturnType<typeof resultsOf> {
    const seconds = Math.round(ms / 100) / 10;
    return resultsOf(job, repositories ?? this.all(), { detail, seconds, stopped });
  }

  private all(): number[] {
    return repositoriesOf(this.context, undefined).map(({ number }) => number);
  }

  private recordOf(
    { job, trigger, repositories }: JobArgs,
    result: JobRecord["result"],
    detail: string,
    startedAt: string,
  ): JobRecord {
    const endedAt = new Date().toISOString();
    const isPartial = repositories !== undefined && repositories.length < this.all().length;
    const partial = isPartial ? { partial: true as const } : {};
    return { job: backupRecords[job], trigger, startedAt, endedAt, result, detail, ...partial };
  }

  private async skip(wanted: JobArgs): Promise<JobRecord> {
    const detail = `Another ${what(wanted.job)} is under way, or waits already.`;
    const record = this.recordOf(wanted, "skipped", detail, new Date().toISOString());
    await writeRecord(this.context, record);
    this.ended(record);
    this.context.log(`${record.job} (${wanted.trigger}) skipped: ${detail}`);
    return record;
  }
}

const isBackup = (job: BackupJob) => backupTypes.some((type) => type === job);

const what = (job: BackupJob) => {
  if (job === "drill") return job;
  return isBackup(job) ? `${job} backup` : `run of ${backupRecords[job]}`;
};

/** A repository by itself: a run of one that works shows that. A run that was stopped is made again. */
function resultsOf(
  job: BackupJob,
  repositories: readonly number[],
  { detail, seconds, stopped }: { detail: string; seconds: number; stopped: boolean },
): Pick<JobRecord, "backups" | "repositories" | "drills"> {
  const results = repositories.map((repository) => ({
    ...{ repository, result: "failed" as const, detail, seconds },
    ...(stopped ? { code: exitCode.stopped } : {}),
  }));
  if (isBackup(job)) return { backups: results };
  if (job !== "drill") return { repositories: results };
  return { drills: results.map((one) => ({ ...one, proofs: unreached(one.detail) })) };
}

/** Reads the arguments of a job, before anything waits for it. */
export function readArgs(
  context: Pick<Context, "config">,
  job: BackupJob,
  args: Record<string, unknown>,
): JobArgs {
  // The scheduler names itself for backups only, and people ask for the others by the operator's command.
  const named = args["trigger"] ?? (isBackup(job) ? "operator" : "schedule");
  const trigger = triggers.find((known) => known === named);
  if (!trigger) throw new Failure(`A job's trigger is one of ${triggers.join(", ")}.`);
  const numbers = args["repositories"] ?? args["repo"];
  const because = typeof args["because"] === "string" ? { because: args["because"] } : {};
  if (numbers === undefined) {
    repositoriesOf(context, undefined);
    return { job, trigger, ...because };
  }
  const repositories = [numbers].flat().map((one) => repositoryNumber(context, one));
  return { job, trigger, repositories, ...because };
}

function repositoryNumber(context: Pick<Context, "config">, given: unknown): number {
  const number = typeof given === "string" && /^\d{1,3}$/.test(given) ? Number(given) : given;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    throw new Failure("A repository is given by its number, such as 1.");
  }
  repositoriesOf(context, number);
  return number;
}
