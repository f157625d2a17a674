import { operator, type Stack, type Verdict } from "./judgement";
import type { JobLook, Look } from "./look";

/** What the verdicts on the last dump and the last backup are called. */
export const firstResults = { dumps: "dumps", backups: "backups" } as const;

/**
 * Judges the last run of each job of the agent. A first result that is not there yet is `pending`.
 *
 * @param away whether the primary sleeps, which is no fault
 */
export function judgeJobs({ part, jobs, found }: Look, stack: Stack, away: boolean): Verdict[] {
  if (part.kind !== "agent" || found.kind !== "running" || !jobs) return [];
  const backup = newest([jobs["backup-full"], jobs["backup-diff"], jobs["backup-incr"]]);
  // A primary that sleeps cannot be dumped.
  const excused = away && stack.dumpsFrom === "primary";
  return [
    ...(stack.dumpsFrom ? judgeJob(firstResults.dumps, jobs.dump, "dump", stack, excused) : []),
    ...(stack.dumpsFrom && !jobs.dump ? [pending(firstResults.dumps, "dump", stack)] : []),
    ...judgeJob("uploads", jobs.upload, "upload", stack),
    ...(stack.backsUp
      ? [
          ...judgeJob(firstResults.backups, backup, "backup", stack),
          ...(backup ? [] : [pending(firstResults.backups, "full backup", stack)]),
          ...(backup?.result === "success" ? [done(backup)] : []),
          ...judgeJob("check of the backups", jobs["check-backups"], "check", stack),
          ...judgeJob("verify of the backups", jobs["verify-backups"], "verify", stack),
        ]
      : []),
  ];
}

/** What the last backup did. Undefined where it failed, or there was none. */
export function newestBackup(verdicts: readonly Verdict[]): string | undefined {
  const isIt = ({ name, judgement }: Verdict) =>
    name === firstResults.backups && judgement === "good";
  return verdicts.find(isIt)?.sentence;
}

function judgeJob(
  name: string,
  job: JobLook | undefined,
  again: string,
  stack: Stack,
  excused = false,
): Verdict[] {
  if (job?.result !== "failed") return [];
  const at = job.at.slice(0, 19).replace("T", " ");
  return [
    {
      name,
      judgement: excused ? "degraded" : "failed",
      sentence: `the last one, at ${at} UTC, failed: ${job.detail}`,
      next: operator(again, stack.name),
    },
  ];
}

function pending(name: keyof typeof firstResults, what: string, stack: Stack): Verdict {
  const sentence = `the first ${what} has not ended yet`;
  return { name, judgement: "pending", sentence, next: operator(`list-${name}`, stack.name) };
}

/** What the summary shows of the last backup. */
const done = ({ detail }: JobLook): Verdict => ({
  name: firstResults.backups,
  judgement: "good",
  sentence: detail,
});

function newest(jobs: readonly (JobLook | undefined)[]): JobLook | undefined {
  const known = jobs.filter((job) => job !== undefined);
  return known.sort((a, b) => (a.at < b.at ? 1 : -1))[0];
}
