import type { RepositoryOverview } from "../../../contract/agentOverview";
import { backupRecords } from "../../../contract/backupRecord";
import { exitCode } from "../../../contract/pgBackRestExits";
import type { Context } from "../kit/context";
import { unwrittenRecord } from "../kit/outcome";
import { readRecord } from "../kit/records";

/**
 * The repositories with the full backup that failed there last. The first full backup is made also where none is scheduled:
 * then no job in the overview says that it fails.
 */
export async function withFailedFulls(
  context: Context,
  repositories: readonly RepositoryOverview[],
): Promise<RepositoryOverview[]> {
  const job = backupRecords.full;
  const record = unwrittenRecord(context, job) ?? (await readRecord(context, job));
  if (record?.result !== "failed") return [...repositories];
  const { backups = [], endedAt: at } = record;
  return repositories.map((repository) => {
    const own = backups.find((one) => one.repository === repository.repository);
    // A run that was stopped is made again. One that did not get as far as a repository failed in all of them.
    const failed = own ? own.result === "failed" && own.code !== exitCode.stopped : !backups.length;
    const { detail } = own ?? record;
    return failed ? { ...repository, failedFull: { at, detail } } : repository;
  });
}
