/**
 * `good`: it works. `pending`: a first result is not there yet, which is no fault. `unknown`: it could not be looked at,
 * which is never good. `degraded`: it works as far as it can. `failed`: a person has to act.
 */
export type CheckStatus = "good" | "pending" | "unknown" | "degraded" | "failed";

/** One thing that was looked at, and what it means. */
export interface Check {
  /** What it is about, such as `standby` or `slot laterbase_standby_slot`. */
  name: string;
  status: CheckStatus;
  /** One sentence. */
  sentence: string;
  /** What is measured. Absent: nothing is. */
  value?: number;
  unit?: "bytes" | "seconds" | "hours" | "days" | "percent" | "clients";
  /** From which value on it is not good. */
  threshold?: number;
  /** Since when it is so, ISO 8601. Absent: nobody knows. */
  since?: string;
  /** The command that repairs it, or shows more. */
  command?: string;
}

/** What the sentences need to name commands. */
export interface Advice {
  /** The whole line of a command of the operator, such as for `rebuild standby`. */
  operator: (words: string) => string;
  /** The command that brings the stack up. */
  up: string;
  /** The line that lets a standby's replay go on. Absent: nobody knows how it is reached. */
  resume?: (standby: string) => string | undefined;
}

/** From where on something is not good. */
export interface Thresholds {
  /** Seconds and bytes that a standby may be behind. */
  lagSeconds: number;
  lagBytes: number;
  /** Percent of its limit that a slot may use before it is degraded, and before it is failed. */
  slotPercent: number;
  slotFailedPercent: number;
  /** Percent of a file system that must be free. */
  diskFreePercent: number;
  diskFailedPercent: number;
  /** Seconds after which a job that was due is overdue. */
  jobGrace: number;
  /** Percent of a server's connections, and of the pooler's clients, that may be used. */
  connectionsPercent: number;
  /** Seconds that a client may wait for a connection of the pooler. */
  poolWait: number;
  /** Days until a disk is full by its growth of the last week. */
  diskDays: number;
  /** Minutes that the newest WAL in a repository may be old while the primary writes. */
  walAgeMinutes: number;
  /** Percent of the way to the limit of transaction ids. */
  transactionAgePercent: number;
  /** Seconds without a sign of the scheduler. */
  schedulerSeconds: number;
  /** Hours that one run of a job may take. */
  jobHours: number;
  /** Seconds that two clocks may be apart. */
  clockSeconds: number;
  /** Days until a certificate expires. */
  certificateDays: number;
  /** Days since the images were built. */
  imageDays: number;
}

export const defaultThresholds: Thresholds = {
  lagSeconds: 60,
  lagBytes: 256 * 1024 * 1024,
  slotPercent: 50,
  slotFailedPercent: 90,
  diskFreePercent: 10,
  diskFailedPercent: 3,
  jobGrace: 3600,
  connectionsPercent: 90,
  poolWait: 5,
  diskDays: 7,
  walAgeMinutes: 15,
  transactionAgePercent: 50,
  schedulerSeconds: 150,
  jobHours: 12,
  clockSeconds: 60,
  certificateDays: 30,
  imageDays: 180,
};

/** The answer in one word. */
export type Verdict = "healthy" | "degraded" | "unhealthy";

/** What all checks together mean. */
export interface Judged {
  verdict: Verdict;
  /** One sentence. */
  sentence: string;
}

const worst = (checks: readonly Check[], status: CheckStatus) =>
  checks.filter((check) => check.status === status);

/** What all checks together mean. One that could not be made is never good. */
export function judged(checks: readonly Check[]): Judged {
  const failed = worst(checks, "failed");
  const lesser = [...worst(checks, "degraded"), ...worst(checks, "unknown")];
  if (failed.length > 0)
    return { verdict: "unhealthy", sentence: `Not everything works: ${named(failed)}.` };
  if (lesser.length > 0) {
    return {
      verdict: "degraded",
      sentence: `Everything that could be looked at works, but not as it should: ${named(lesser)}.`,
    };
  }
  const pending = worst(checks, "pending");
  if (pending.length > 0) {
    return { verdict: "healthy", sentence: `Everything works. Not there yet: ${named(pending)}.` };
  }
  return { verdict: "healthy", sentence: "Everything works." };
}

const shown = 5;

/** `standby, dump and 3 more`. */
function named(checks: readonly Check[]): string {
  const names = [...new Set(checks.map(({ name }) => name))];
  const more = names.length - shown;
  if (more > 0) return `${names.slice(0, shown).join(", ")} and ${more} more`;
  const last = names.pop() ?? "";
  return names.length === 0 ? last : `${names.join(", ")} and ${last}`;
}

/** The exit code of a command that asks for a verdict. */
export function exitOf({ verdict }: Judged): 0 | 1 | 3 {
  return verdict === "healthy" ? 0 : verdict === "degraded" ? 3 : 1;
}
