import type { Schedule } from "./schedule";

/** Where pgBackRest's files are. They are the same in every container that mounts them. */
export const pgBackRestPaths = {
  /** The configuration, read-only: pgbackrest.conf, conf.d/repo.conf and what these name. */
  conf: "/etc/pgbackrest",
  /** The volume of the posix repositories. Each one has a folder in it. */
  repositories: "/var/lib/pgbackrest",
  /** The spool of the asynchronous archive. Only the primary has it. */
  spool: "/var/spool/pgbackrest",
  /** The locks of one container. */
  locks: "/tmp/pgbackrest",
} as const;

/** The volumes of pgBackRest. Only the repositories are kept by destroy. */
export function pgBackRestVolumes(prefix: string) {
  return {
    conf: `${prefix}-pgbackrest-conf`,
    repositories: `${prefix}-repositories`,
    spool: `${prefix}-primary-spool`,
  };
}

/** What a repository is made of, as the stack file says. */
export const repositoryTypes = ["posix", "s3", "azure", "gcs", "objectStore"] as const;

export type RepositoryType = (typeof repositoryTypes)[number];

/** What the agent needs to know to back up. It holds no secret: those are in the configuration files. */
export interface BackupSettings {
  stanza: string;
  /** In order: the first is repository 1. Empty: archiving is off. */
  repositories: RepositorySettings[];
  schedules: Partial<Record<BackupJob, Schedule>>;
  /** Days of WAL that are kept. Absent: as long as pgBackRest keeps it for the backups. */
  archiveDays?: number;
  /** Days that pgBackRest's own logs are kept. */
  logDays: number;
  /** The standby that backups read while it streams. Absent: they read the primary. */
  standby?: string;
}

/** A repository as the agent sees it. */
export interface RepositorySettings {
  /** pgBackRest's number, from 1. */
  number: number;
  type: RepositoryType;
  encrypted: boolean;
  /** For sentences: the volume, the folder, or the bucket with its endpoint. */
  location: string;
}

/** The jobs of the scheduler. The first three are types of backup. */
export const backupJobs = ["full", "diff", "incr", "check", "verify", "maintenance"] as const;

export type BackupJob = (typeof backupJobs)[number];

export const backupTypes = ["full", "diff", "incr"] as const;

export type BackupType = (typeof backupTypes)[number];
