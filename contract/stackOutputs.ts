import type { Thresholds } from "./health/check";
import type { RepositoryType } from "./pgBackRest";

/** The fields that are secret in every output. */
export type SecretField = "password" | "passphrase";

/**
 * The outputs of a stack, as `pulumi stack output --json --show-secrets` prints them: the program
 * makes them, and the operator's command reads them.
 */
export interface StackOutputs {
  primary: PrimaryOutput;
  /** By name. */
  standbys: Record<string, StandbyOutput>;
  /**
   * By database; secret, because the URIs hold a password. None of `postgres`, and none for the databases "*".
   */
  connections: Record<string, ConnectionUris>;
  backups: BackupsOutput;
  /** Absent where the configuration has none; the same for those below. */
  pooler?: PoolerOutput;
  pgAdmin?: PgAdminOutput;
  duplicati?: DuplicatiOutput;
  health?: HealthOutput;
}

/** The Docker engine of a container: null or absent for the local engine. */
export interface EngineOutput {
  dockerHost?: string | null;
}

/** The primary as people reach it. */
export interface PrimaryOutput extends EngineOutput {
  host: string;
  port: number;
  /** PostgreSQL's major version. */
  version: number;
  /** The databases as configured. */
  databases: string[] | "*";
  /** Absent where the primary is external. */
  container?: string;
}

/** Where clients reach a standby. */
export interface StandbyOutput {
  host: string;
  port: number;
  /** Its slot on the primary. */
  slot: string;
}

/** The ways to one database, from one place. */
export interface ServerUris {
  /** To the primary. */
  direct: string;
  /** Through the pooler, where there is one. */
  pooled?: string;
  /** To the first standby, where there is one. */
  standby?: string;
}

/**
 * The ways to one database as its owner, whose role owns that database and nothing else. For an external primary the
 * URIs have no login. No URI is a superuser's.
 */
export interface ConnectionUris extends ServerUris {
  /** The same for containers in the stack's network, by the containers' names and ports. */
  internal: ServerUris;
}

export interface BackupsOutput {
  /** pgBackRest's stanza. Absent where no backups are configured; the same for the next two. */
  stanza?: string;
  /** In order. Empty: archiving is off. */
  repositories?: RepositoryOutput[];
  /** The container that backs up. */
  agent?: BackupAgentOutput;
  /** Absent where no dumps are configured. */
  dumps?: DumpsOutput;
}

/** A repository of pgBackRest. */
export interface RepositoryOutput {
  /** pgBackRest's number, from 1. */
  number: number;
  type: RepositoryType;
  /** The volume, the folder, or the bucket with its endpoint. */
  location: string;
  encrypted: boolean;
  /** What encrypts it. Absent where nothing does. */
  passphrase?: string;
}

export interface BackupAgentOutput extends EngineOutput {
  container: string;
}

export interface DumpsOutput extends EngineOutput {
  /** The container that dumps and restores. */
  agent: string;
  /** A folder of the engine's machine, or a volume. */
  location: string;
  /** When dumps start, as configured. */
  schedule: string;
  /** The server that dumps read. */
  source: "standby" | "primary";
  /** Days and dumps of each database that are kept at least. */
  retentionDays: number;
  retentionCount: number;
}

export interface PoolerOutput extends EngineOutput {
  host: string;
  port: number;
  mode: string;
  container: string;
  /** Two logins of PgBouncer's console: one may change things there, one may only look. */
  admin: Login;
  stats: Login;
}

export interface Login {
  name: string;
  password: string;
}

export interface PgAdminOutput {
  url: string;
  email: string;
  password: string;
  servers: readonly PgAdminServerOutput[];
}

/** A server that is registered in pgAdmin. */
export interface PgAdminServerOutput {
  name: string;
  host: string;
  port: number;
  username: string;
  maintenanceDatabase: string;
}

export interface DuplicatiOutput {
  url: string;
  password: string;
  /** It encrypts the archives. */
  passphrase: string;
}

/** The monitor. Its token is configured, so no output repeats it. */
export interface HealthOutput extends EngineOutput {
  /** The page. */
  url: string;
  container: string;
  /** Those that it judges by. */
  thresholds: Thresholds;
}
