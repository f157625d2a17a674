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

/** What the scheduler starts in the agent: the dump, and each job of the backups that has a schedule. */
export function jobsOf({
  dumps,
  backups,
}: Pick<AgentFilesArgs, "dumps" | "backups">): Pick<
  ScheduledJob,
  "name" | "schedule" | "command"
>[] {
  const dump = { name: "dump", command: "laterbase-agent dump --trigger schedule" };
  const { schedules = {}, repositories = [] } = backups ?? {};
  return [
    ...(dumps ? [{ ...dump, schedule: dumps.config.schedule }] : []),
    ...backupJobs.flatMap((job) => {
      const schedule = repositories.length > 0 ? schedules[job] : undefined;
      return schedule ? [{ ...backupCommands[job], schedule }] : [];
    }),
  ];
}
