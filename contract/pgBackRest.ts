import { dataFolder } from "./names";
import type { Schedule } from "./schedule";

/** Where pgBackRest's files are. They are the same in every container that mounts them. */
export const pgBackRestPaths = {
  /** The configuration, read-only: pgbackrest.conf, conf.d/repo.conf and what these name. */
  conf: "/etc/pgbackrest",
  /** PostgreSQL's archive settings, which the primary includes. They take effect by a reload. */
  archiveConf: "/etc/pgbackrest/archive.conf",
  /**
   * A file beside the primary's data that says that it archives. Where it is and the settings are not, WAL waits: a
   * primary whose configuration is not written yet must not take its WAL for archived.
   */
  archives: `${dataFolder("primary")}/archives`,
  /** The digest of each file of the configuration as it was written, for a preview to compare with. */
  written: "/etc/pgbackrest/written.sha256",
  /** The volume of the posix repositories. Each one has a folder in it. */
  repositories: "/var/lib/pgbackrest",
  /** The spool of the asynchronous archive. Only the primary has it. */
  spool: "/var/spool/pgbackrest",
  /** The locks of one container. */
  locks: "/tmp/pgbackrest",
  /**
   * pgBackRest's own logs, on the volume of the repositories: the primary and the agent both write there.
   * pgBackRest makes the files but not the folder.
   */
  logs: "/var/lib/pgbackrest/log",
} as const;

/** Where a drill restores in the agent's container. Nothing there outlives the drill. */
export const drillPaths = {
  /** The volume, of PostgreSQL's user only. */
  volume: "/var/lib/postgresql/drill",
  data: "/var/lib/postgresql/drill/data",
  /** Tablespaces go here: the folders of the primary's do not belong to a drill. */
  tablespaces: "/var/lib/postgresql/drill/tablespaces",
  conf: "/var/lib/postgresql/drill/conf",
  socket: "/var/lib/postgresql/drill/socket",
  log: "/var/lib/postgresql/drill/log",
  /** pgBackRest's spool and locks: a drill waits for no other command of it, and none waits for a drill. */
  spool: "/var/lib/postgresql/drill/spool",
  locks: "/var/lib/postgresql/drill/locks",
} as const;

/** The volumes of pgBackRest. Only the repositories are kept by destroy. */
export function pgBackRestVolumes(prefix: string) {
  return {
    conf: `${prefix}-pgbackrest-conf`,
    repositories: `${prefix}-repositories`,
    spool: `${prefix}-primary-spool`,
    /** Where drills restore. Only the agent has it, and only where there are backups. */
    drill: `${prefix}-drill`,
  };
}

/** Where a posix repository is in every container that mounts it. Each other type is reached by its network. */
export function posixRepository(number: number): string {
  return `${pgBackRestPaths.repositories}/repo${number}`;
}

/** What the pgBackRest of a major can do. It comes from the Debian release that the major's image stands on. */
export interface PgBackRestFeatures {
  /** The release of that Debian. Where PGDG answers, the image has a newer one, which takes the same settings. */
  release: "2.33" | "2.45" | "2.55";
  /** Small files are stored together. */
  bundle: boolean;
  /** An incremental backup stores the changed blocks of a file. */
  block: boolean;
  /** `pgbackrest verify` prints a report. Before that, only its log says what it found. */
  verify: boolean;
  /**
   * How backups read the standby: `prefer` falls back by itself, `y` needs a second run with `n`. With
   * `n` they read the primary, because only a superuser could start one on the standby.
   */
  standby: "prefer" | "y" | "n";
}

/** What pgBackRest can do with a PostgreSQL of that major. */
export function pgBackRestFeatures(major: number): PgBackRestFeatures {
  if (major >= 17) {
    return { release: "2.55", bundle: true, block: true, verify: true, standby: "prefer" };
  }
  if (major >= 15) {
    return { release: "2.45", bundle: true, block: false, verify: true, standby: "y" };
  }
  return { release: "2.33", bundle: false, block: false, verify: false, standby: "n" };
}

/** What a repository is made of, as the stack file says. */
export const repositoryTypes = ["posix", "s3", "azure", "gcs", "objectStore"] as const;

export type RepositoryType = (typeof repositoryTypes)[number];

/** Whether `laterbase:backups` asks for backups. With a repository of the type `none` archiving is off. */
export function backsUp(
  backups: { repositories: readonly { type: string }[] } | undefined,
): boolean {
  return backups?.repositories.some(({ type }) => type !== "none") ?? false;
}

/** What the agent needs to know to back up. It holds no secret: those are in the configuration files. */
export interface BackupSettings {
  stanza: string;
  /** In order: the first is repository 1. Empty: archiving is off. */
  repositories: RepositorySettings[];
  schedules: Partial<Record<BackupJob, Schedule>>;
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
  /** Days of WAL that are kept. Absent: as long as pgBackRest keeps it for the backups. */
  archiveDays?: number;
  /** For sentences: the volume, the folder, or the bucket with its endpoint. */
  location: string;
}

/** The jobs of the scheduler. The first three are types of backup. */
export const backupJobs = [
  ...(["full", "diff", "incr"] as const),
  ...(["check", "verify", "drill", "maintenance"] as const),
] as const;

export type BackupJob = (typeof backupJobs)[number];

export const backupTypes = ["full", "diff", "incr"] as const;

export type BackupType = (typeof backupTypes)[number];
