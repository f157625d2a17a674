import { schedulerBeat } from "../../contract/agentPaths";
import { type BackupJob, backupJobs } from "../../contract/pgBackRest";
import type { ScheduledJob } from "../kit/job";
import type { AgentFilesArgs } from "./files";

/** What a schedule of the backups starts. The first three are types of backup. */
const backupCommands: Readonly<Record<BackupJob, { name: string; command: string }>> = {
  full: { name: "backup-full", command: "laterbase-agent backup --type full --trigger schedule" },
  diff: { name: "backup-diff", command: "laterbase-agent backup --type diff --trigger schedule" },
  incr: { name: "backup-incr", command: "laterbase-agent backup --type incr --trigger schedule" },
  check: { name: "check-backups", command: "laterbase-agent check-backups" },
  verify: { name: "verify-backups", command: "laterbase-agent verify-backups" },
  drill: { name: "drill", command: "laterbase-agent drill" },
  maintenance: { name: "maintain-backups", command: "laterbase-agent maintain-backups" },
};

/** A sign of the scheduler each minute: the monitor asks the agent how old it is. */
const beat = {
  name: "touch",
  command: `touch ${schedulerBeat}`,
  schedule: { text: "@every 1m", every: 60 },
};

/** What the scheduler starts in the agent: the dump, and each job of the backups that has a schedule. */
export function jobsOf({
  dumps,
  backups,
  monitored,
}: Pick<AgentFilesArgs, "dumps" | "backups"> & { monitored?: object | undefined }): Pick<
  ScheduledJob,
  "name" | "schedule" | "command"
>[] {
  const dump = { name: "dump", command: "laterbase-agent dump --trigger schedule" };
  const { schedules = {}, repositories = [] } = backups ?? {};
  const jobs = [
    ...(dumps ? [{ ...dump, schedule: dumps.config.schedule }] : []),
    ...backupJobs.flatMap((job) => {
      const schedule = repositories.length > 0 ? schedules[job] : undefined;
      return schedule ? [{ ...backupCommands[job], schedule }] : [];
    }),
  ];
  // Where nothing is scheduled, there is no scheduler to look at.
  return monitored && jobs.length > 0 ? [...jobs, beat] : jobs;
}
