/** What the agent is told: `/etc/laterbase/agent.json`. No secret is in it. */
export interface AgentConfig {
  stack: string;
  /** PostgreSQL's major: the servers', and so that of every tool in the image. */
  major: number;
  /** The IANA zone in which schedules are read. */
  timeZone: string;
  role: DumpRole;
  primary: Server;
  /** Absent where no standby runs on the agent's own engine. */
  standby?: Server;
  dumps: DumpSettings;
  upload?: UploadSettings;
}

/** The role that dumps. Its password stands in `/etc/laterbase/pgpass`. */
export interface DumpRole {
  name: string;
  /** True where no lesser role can read everything: before PostgreSQL 14. */
  superuser: boolean;
}

export interface Server {
  name: "primary" | "standby";
  host: string;
  port: number;
}

export interface DumpSettings {
  /** Five-field cron or an @word, as configured. */
  schedule: string;
  /** Names, or "*": every database that is no template, found anew by each run. */
  databases: string[] | "*";
  /** Asked first; the other one when this one cannot. */
  source: "standby" | "primary";
  retentionDays: number;
  retentionCount: number;
  /** Whether a plain `.sql.gz` is written besides. */
  plain: boolean;
  timeoutSeconds: number;
}

export interface UploadSettings {
  /** Duplicati's address in the stack's network. Its password: `/etc/laterbase/duplicati-password`. */
  url: string;
  /** The job's name. */
  job: string;
  /** Five-field cron or an @word. */
  schedule: string;
  timeoutSeconds: number;
  /** Whether the first dump is uploaded at once, ahead of the schedule. */
  afterFirstDump: boolean;
}

/**
 * What stands in `manifest.json` beside each dump. Counts and checksums were taken in the very
 * snapshot that pg_dump read.
 */
export interface Manifest {
  format: 1;
  stack: string;
  /** The snapshot's time, UTC, ISO 8601. */
  takenAt: string;
  database: DatabaseProperties;
  source: {
    server: "primary" | "standby";
    /** Such as "17.6". */
    version: string;
    systemIdentifier: string;
    /** Of a standby: how far it had replayed, and when the last replayed commit was made. */
    replayedTo?: string;
    replayedAt?: string;
    /** Why the configured source was not taken. */
    insteadOf?: string;
  };
  role: DumpRole & { why?: string };
  /** What `pg_dump --version` says. */
  tool: string;
  files: DumpFile[];
  /** How `checksum` was made: hash_record_extended or, where a type has no hash, its text's. */
  tables: TableContent[];
  largeObjects: { count: number; checksum: string };
  /** What cannot be in the dump: such as unlogged tables, which a standby does not have. */
  leftOut: { what: string; why: string }[];
}

export interface DumpFile {
  kind: "dump" | "globals" | "plain";
  name: string;
  bytes: number;
  sha256: string;
}

export interface TableContent {
  schema: string;
  name: string;
  rows: number;
  /** The order of rows does not matter; null for what cannot be read (a foreign table). */
  checksum: string | null;
  /** What `checksum` sums: "record" (hash_record_extended, 14 and newer) or "text". */
  algorithm: "record" | "text";
}

/** What `pg_restore` alone does not bring back into a database of another name. */
export interface DatabaseProperties {
  name: string;
  owner: string;
  encoding: string;
  collate: string;
  ctype: string;
  /** "c" libc, "i" ICU, "b" builtin; 15 and newer. */
  localeProvider: string;
  locale: string | null;
  comment: string | null;
  connectionLimit: number;
  /** As `aclexplode` gives it; null: PostgreSQL's defaults. */
  privileges: { grantee: string; grantor: string; privilege: string; grantable: boolean }[] | null;
  /** `ALTER DATABASE … SET`, and with a role `ALTER ROLE … IN DATABASE … SET`. */
  settings: { role: string | null; name: string; value: string }[];
}

/** What a job was and how it ended: a file of its own, written by rename. */
export interface JobRecord {
  job: "dump" | "upload";
  /** What asked for it. */
  trigger: "schedule" | "start" | "catch-up" | "operator";
  startedAt: string;
  endedAt: string;
  result: "success" | "failed" | "skipped";
  /** One sentence; of a success, what was done. */
  detail: string;
  /** Of a dump: each database's own result. */
  databases?: DatabaseResult[];
  /** Of an upload that succeeded. */
  upload?: UploadFigures;
}

export interface UploadFigures {
  /** All that are in the archives now, and the new ones among them. */
  files: number;
  newFiles: number;
  /** What went over to the target, compressed and encrypted. */
  bytes: number;
  seconds: number;
}

export interface DatabaseResult {
  database: string;
  result: "success" | "failed";
  detail: string;
  seconds: number;
  /** Of a success: its folder below /backups, and the size of everything in it. */
  folder?: string;
  bytes?: number;
  source?: "primary" | "standby";
}

/** A dump that is there, as `list-dumps` prints it. */
export interface ListedDump {
  /** Its folder below /backups, such as `mfi_banking/20261121T030000Z`: how other commands name it. */
  id: string;
  database: string;
  takenAt: string;
  bytes: number;
  source: "primary" | "standby";
  /** The major that wrote it, and that a restore needs. */
  major: number;
}

/**
 * What the client (`laterbase-agent <command>`) sends to the agent over its socket: one line of
 * JSON. The answer is lines of `Reply`; the last one is a result or an error.
 */
export interface Request {
  command: string;
  args: Record<string, unknown>;
}

export type Reply =
  | { progress: string }
  | { result: unknown }
  /** One sentence. */
  | { error: string };
