import type { JobRecord } from "../../../contract/jobRecord";
import { type BackupType, backupTypes } from "../../../contract/pgBackRest";
import type { Context, Work } from "../kit/context";
import { backupIn } from "./backup";
import { checkOne } from "./check";
import { type Found, findingsOf, type RepositoryTask } from "./findings";
import { type JobArgs, runJob } from "./job";
import { maintainLogs, maintainOne } from "./maintenance";
import { verifyOne } from "./verify";

const looks: Record<
  Exclude<JobArgs["job"], BackupType | "drill">,
  (context: Context, task: RepositoryTask) => Promise<Found>
> = { check: checkOne, verify: verifyOne, maintenance: maintainOne };

/** One run of a job of backups, in a process of its own. */
export const backupJobRun: Work = async (args, context, say, signal): Promise<JobRecord> => {
  const wanted = args as unknown as JobArgs;
  const { job } = wanted;
  const type = backupTypes.find((one) => one === job);
  if (type) {
    return runJob(context, wanted, "backups", (repository) =>
      backupIn(context, { type, repository, say, signal }),
    );
  }
  const look = looks[job as keyof typeof looks];
  return runJob(
    context,
    wanted,
    "repositories",
    (repository) => findingsOf(context, { repository, say, signal }, (task) => look(context, task)),
    job === "maintenance" ? () => maintainLogs(context) : undefined,
  );
};
