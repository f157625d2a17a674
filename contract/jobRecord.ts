import type { BackupResult, BackupRecordName, RepositoryFindings } from "./backupRecord";
import type { DrillResult } from "./drillRecord";
import type { Omission } from "./manifest";

/**
 * What can start a job. "catch-up" is a run that the scheduler missed; "archive-gap" is the full backup
 * that follows when WAL is missing in a repository.
 */
export const triggers = ["schedule", "start", "catch-up", "operator", "archive-gap"] as const;

export type Trigger = (typeof triggers)[number];

/** The trigger in a job's arguments. Default: a person. */
export const triggerOf = ({ trigger }: Record<string, unknown>): Trigger =>
  triggers.find((known) => known === trigger) ?? "operator";

/** What a job did and how it ended. Each record is a file that a rename publishes. */
export interface JobRecord {
  job: "dump" | "upload" | "restore" | "restore-point" | BackupRecordName;
  trigger: Trigger;
  startedAt: string;
  endedAt: string;
  result: "success" | "failed" | "skipped";
  /** One sentence. After a success it says what the job did. */
  detail: string;
  /** It was asked for single databases or repositories. Absent: for all of them. */
  partial?: true;
  /**
   * Why a run of all failed before it got to a database or repository. `<job>.json` keeps it through runs of single
   * ones: only another run of all shows that it is over.
   */
  failedOfAll?: string;
  /** Of a dump: the result of each database. */
  databases?: DatabaseResult[];
  /** Of a dump of all databases: those that are not dumped, and why. */
  leftOut?: Omission[];
  /** Of an upload that succeeded. */
  upload?: UploadFigures;
  /** Of a backup: the result in each repository. */
  backups?: BackupResult[];
  /** Of a check, a verify or the maintenance: what it found or did in each repository. */
  repositories?: RepositoryFindings[];
  /** Of a drill: what it proved in each repository. */
  drills?: DrillResult[];
  /** Of a restore: what plans estimate by. */
  restore?: RestoreFigures;
  /** Of a restore point. */
  point?: MadePoint;
}

/** How long a restore took. Sizes are in bytes. */
export interface RestoreFigures {
  /** The label of the backup that it began with. */
  set: string;
  /** The size of the data. */
  bytes: number;
  /** The time of the copy. */
  seconds: number;
  /** The replay, with the stored size of its WAL. */
  replay: { bytes: number; seconds: number };
}

/** A restore point that was made. */
export interface MadePoint {
  name: string;
  lsn: string;
  timeline: number;
  /** ISO 8601. */
  at: string;
  /** The WAL segment that holds it. */
  segment: string;
}

/** What an upload did. */
export interface UploadFigures {
  /** All files that are in the archives now. */
  files: number;
  /** Those among them that this run added. */
  newFiles: number;
  /** What went to the target, compressed and encrypted. */
  bytes: number;
  seconds: number;
}

/** How the dump of one database ended. */
export interface DatabaseResult {
  database: string;
  result: "success" | "failed";
  detail: string;
  seconds: number;
  /** Of a success: the dump's folder below the backups, and the size of everything in it. */
  folder?: string;
  bytes?: number;
  source?: "primary" | "standby";
}
