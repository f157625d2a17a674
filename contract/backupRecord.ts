import type { BackupJob, BackupType } from "./pgBackRest";

/** The names of the backup jobs' records. Each type of backup has its own, because each has its own schedule. */
export const backupRecords = {
  full: "backup-full",
  diff: "backup-diff",
  incr: "backup-incr",
  check: "check-backups",
  verify: "verify-backups",
  drill: "drill",
  maintenance: "maintain-backups",
} as const satisfies Record<BackupJob, string>;

export type BackupRecordName = (typeof backupRecords)[BackupJob];

/** How a job ended in one repository. */
export interface RepositoryResult {
  /** pgBackRest's number of the repository. */
  repository: number;
  result: "success" | "failed";
  /** One or a few sentences. */
  detail: string;
  seconds: number;
  /** pgBackRest's exit code, where it failed. */
  code?: number;
}

/** How a backup ended in one repository. */
export interface BackupResult extends RepositoryResult {
  /** What was made. Absent where nothing was. */
  backup?: MadeBackup;
}

/** A backup that was made. Sizes are in bytes. */
export interface MadeBackup {
  label: string;
  /** What it really is: without a full backup before it, a diff or incr becomes a full one. */
  type: BackupType;
  /** The server whose files were copied. Absent where its manifest could not be read. */
  source?: "primary" | "standby";
  /** The size of the whole database cluster. */
  bytes: number;
  /** What this backup added to the repository. */
  repositoryBytes: number;
  /** Pages whose checksum is wrong were copied. */
  pageErrors?: true;
}

/** What a check, a verify or the maintenance found or did in one repository. */
export interface RepositoryFindings extends RepositoryResult {
  newestWal?: ArchivedWal;
  /** WAL that is missing between segments that are there. */
  gaps?: WalGap[];
  /** Labels of the backups that `verify` calls invalid. Absent where it could not look. */
  invalidBackups?: string[];
  /** Labels of the backups that expired. */
  expired?: string[];
}

/** A WAL segment in a repository. */
export interface ArchivedWal {
  /** Its name of 24 hexadecimal digits. */
  segment: string;
  /** When it got there, ISO 8601. */
  at: string;
}

/** WAL that is not in a repository. */
export interface WalGap {
  /** The last segment before it and the first one after it. */
  after: string;
  before: string;
  /** The number of segments that are missing. */
  segments: number;
}
