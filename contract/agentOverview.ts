import type { DrillResult } from "./drillRecord";
import type { JobRecord, Trigger } from "./jobRecord";
import type { Signature } from "./manifest";

/** The result of the agent's `overview`: what it knows of its jobs and of what they have made. Times are ISO 8601. */
export interface AgentOverview {
  /** The time by the agent's clock. */
  at: string;
  /** The IANA time zone of the schedules. */
  timeZone: string;
  /** Why it cannot work, in one sentence: a folder of its own cannot be written. Absent: it can. */
  problem?: string;
  /** In the order in which people read of them. */
  jobs: JobOverview[];
  /** What it does now. */
  running: RunningWork[];
  /** Absent where the stack makes no dumps. */
  dumps?: DumpsOverview;
  /** Absent where the stack makes no backups, and before the first look at its repositories. */
  repositories?: RepositoryOverview[];
  /** WAL that the primary has finished and that is not in every repository. Absent without backups. */
  waitingWal?: { segments: number; since?: string };
  disks: DiskFacts[];
  /** The scheduler's last sign of life. Absent where it gives none, because the stack has no monitor. */
  scheduler?: { beatAt: string | null };
}

/** A job that the scheduler starts. */
export interface JobOverview {
  /** As people call it, such as `dump`, or `backup full`. */
  name: string;
  /** The name of its records. */
  job: JobRecord["job"];
  /** As configured. */
  schedule: string;
  /** When it is due next. Absent: it has an interval, and nobody knows what that is counted from. */
  next?: string;
  /** When it was due last. */
  due: string;
  /** Seconds between two runs. */
  every: number;
  /** Since when an agent has known that it is scheduled. Absent: it is not known. */
  since?: string;
  /** Its last run. Absent: there was none. */
  last?: LastRun;
  /** Its last run that succeeded. */
  success?: { startedAt: string; endedAt: string };
}

export interface LastRun {
  trigger: Trigger;
  startedAt: string;
  endedAt: string;
  result: JobRecord["result"];
  detail: string;
}

/** Work that the agent does now, or that waits there. */
export interface RunningWork {
  /** As people call it, such as `backup full`. */
  name: string;
  since: string;
}

export interface DumpsOverview {
  /** The newest dump of each database, by the database's name. */
  newest: NewestDump[];
  /** How many finished dumps there are. */
  count: number;
  /** The databases that are to be dumped, by the configuration or the last run. Absent: nobody knows. */
  wanted?: string[];
  /** Those that a run has dumped, and of which there is no dump now. */
  missing?: string[];
  /** The newest dump of the future of each database that has one. Those are not among `newest`. */
  future?: FutureDump[];
  /** Why the folder of the dumps cannot be read, in one sentence. The rest is then not all there is. */
  problem?: string;
}

/** A dump that lies in the future: a clock was wrong when it was made, or is wrong now. */
export interface FutureDump {
  id: string;
  database: string;
  /** Whether no dump of the database was made after it. */
  isLast: boolean;
}

export interface NewestDump {
  id: string;
  database: string;
  takenAt: string;
  bytes: number;
  signature: Signature;
}

/** What is known of a repository. */
export interface RepositoryOverview {
  /** pgBackRest's number, from 1. */
  repository: number;
  /** The newest backup. Absent: none is known. */
  lastBackup?: { label: string; type: string; at: string };
  /** The newest WAL there. */
  newestWal?: { segment: string; at: string };
  /** The last drill that came to an end. Absent: there was none. */
  lastDrill?: {
    at: string;
    result: DrillResult["result"];
    /** How long it took until the restored server had replayed, and how much it restored. */
    restore?: { seconds: number; bytes: number };
  };
  /** A full backup that failed there, and none has succeeded since. */
  failedFull?: { at: string; detail: string };
  /** A drill that failed or is overdue. */
  drillProblem?: string;
  /** Why it cannot be read. The rest is what was known last. */
  problem?: string;
}

/** The room of a file system. */
export interface DiskFacts {
  /** What is on it, such as `dumps`. */
  holds: string;
  bytes: number;
  free: number;
}
