import {
  type BackupRecordName,
  backupRecords,
  type RepositoryResult,
} from "../../../contract/backupRecord";
import type { JobRecord, Trigger } from "../../../contract/jobRecord";
import type { BackupJob, RepositorySettings } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { sentenceOf, stackOf, withStop, Failure } from "../kit/failure";
import { writeRecord } from "../kit/records";
import { repositoriesOf } from "./settings";

/** The arguments of a run, as the queue has checked them. */
export interface JobArgs {
  job: BackupJob;
  trigger: Trigger;
  /** The repositories by their numbers. Absent: all of them. */
  repositories?: number[];
  /** Why it was begun, in one sentence. The record says it. */
  because?: string;
}

/**
 * One run of a job: each repository by itself, so that a dead one costs the others nothing. The record says
 * how each ended, and is always written.
 *
 * @param into where the record has the results
 * @param also what is done once, after the repositories; a sentence makes the job fail
 */
export async function runJob<Result extends RepositoryResult>(
  context: Context,
  { job, trigger, repositories, because }: JobArgs,
  into: "backups" | "repositories" | "drills",
  work: (repository: RepositorySettings) => Promise<Result>,
  also: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): Promise<JobRecord> {
  const name: BackupRecordName = backupRecords[job];
  const startedAt = new Date().toISOString();
  const results: Result[] = [];
  let failure: string | undefined;
  let partial = repositories !== undefined;
  try {
    const all = repositoriesOf(context, undefined);
    const wanted = repositories ? all.filter(({ number }) => repositories.includes(number)) : all;
    partial = wanted.length < all.length;
    for (const repository of wanted) results.push(await work(repository));
    failure = await also();
  } catch (error) {
    if (!(error instanceof Failure)) context.log(stackOf(error));
    failure = withStop(sentenceOf(error));
  }
  const failed = results.filter(({ result }) => result === "failed");
  const record: JobRecord = {
    job: name,
    trigger,
    startedAt,
    endedAt: new Date().toISOString(),
    result: failure !== undefined || failed.length > 0 ? "failed" : "success",
    detail: [...(because === undefined ? [] : [because]), failure ?? summary(results, failed)].join(
      " ",
    ),
    ...(partial ? { partial } : {}),
    [into]: results,
  };
  await writeRecord(context, record);
  context.log(`${name} (${trigger}) ${record.result}: ${record.detail}`);
  return record;
}

/** One sentence or two on all repositories. */
export function summary(
  results: readonly RepositoryResult[],
  failed: readonly RepositoryResult[],
): string {
  const one = ({ repository, detail }: RepositoryResult) => `repository ${repository}: ${detail}`;
  if (results.length === 1) return results[0]?.detail ?? "";
  if (failed.length === 0) return capital(results.map(one).join(" "));
  return capital(
    `${failed.length} of ${results.length} repositories failed; ${failed.map(one).join(" ")}`,
  );
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
