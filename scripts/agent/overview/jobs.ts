import type { AgentConfig } from "../../../contract/agentConfig";
import type { JobOverview, LastRun } from "../../../contract/agentOverview";
import { backupRecords } from "../../../contract/backupRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import { backupJobs, backupTypes } from "../../../contract/pgBackRest";
import type { Schedule } from "../../../contract/schedule";
import type { Context } from "../kit/context";
import { unwrittenRecord } from "../kit/outcome";
import { readRecord } from "../kit/records";
import { lastDue, lastInterval, nextDue } from "../kit/schedule";
import { scheduledSince } from "./scheduledSince";

/** A job that the scheduler starts. */
interface Scheduled {
  name: string;
  job: JobRecord["job"];
  schedule: Schedule;
}

/** Every job that the scheduler starts for an agent, in the order in which people read of them. */
export function scheduledJobs({ dumps, upload, backups }: AgentConfig): Scheduled[] {
  const archives = (backups?.repositories ?? []).length > 0;
  const backedUp = backupJobs.flatMap((job) => {
    const schedule = backups?.schedules[job];
    const isBackup = backupTypes.some((type) => type === job);
    const name = isBackup ? `backup ${job}` : job;
    return schedule && archives ? [{ name, job: backupRecords[job], schedule }] : [];
  });
  const dumped = dumps && dumps.databases.length > 0;
  return [
    ...(dumped ? [{ name: "dump", job: "dump", schedule: dumps.schedule } as const] : []),
    ...(upload ? [{ name: "upload", job: "upload", schedule: upload.schedule } as const] : []),
    ...backedUp,
  ];
}

/** The jobs with their last runs, and when they are due. */
export async function jobsOverview(context: Context, now: Date): Promise<JobOverview[]> {
  const { timeZone } = context.config;
  const known = await scheduledSince(context, now);
  return Promise.all(
    scheduledJobs(context.config).map(async ({ name, job, schedule }) => {
      const [last, success] = await Promise.all([
        unwrittenRecord(context, job) ?? readRecord(context, job),
        readRecord(context, job, "success"),
      ]);
      const next = nextDue(schedule, timeZone, now);
      const since = known[job];
      return {
        ...{ name, job, schedule: schedule.text },
        ...(next ? { next: next.toISOString() } : {}),
        due: lastDue(schedule, timeZone, now).toISOString(),
        every: Math.round(lastInterval(schedule, timeZone, now) / 1000),
        ...(since === undefined ? {} : { since }),
        ...(last ? { last: runOf(last) } : {}),
        ...(success ? { success: { startedAt: success.startedAt, endedAt: success.endedAt } } : {}),
      };
    }),
  );
}

/** Without the results in detail, which may be long. */
function runOf({ trigger, startedAt, endedAt, result, detail }: JobRecord): LastRun {
  return { trigger, startedAt, endedAt, result, detail };
}
