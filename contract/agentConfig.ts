import type { BackupSettings } from "./pgBackRest";
import type { Schedule } from "./schedule";

/**
 * The agent's configuration, `agentPaths.etc`/agent.json. It holds no secret. There are dumps, or
 * backups, or both.
 */
export interface AgentConfig {
  stack: string;
  /** PostgreSQL's major version: of the servers, and so of every tool in the agent's image. */
  major: number;
  /** The IANA time zone of the schedules. */
  timeZone: string;
  /** Absent without dumps. */
  role?: DumpRole;
  primary: Server;
  /** Absent when no standby runs on the agent's own engine. */
  standby?: Server;
  dumps?: DumpSettings;
  upload?: UploadSettings;
  /** Absent without `laterbase:backups`. */
  backups?: BackupSettings;
  /** Where the monitor asks for the overview, in the stack's network. Absent without `laterbase:health`. */
  overview?: { port: number };
}

/** The configuration of an agent that dumps. */
export type DumpingConfig = AgentConfig & Required<Pick<AgentConfig, "role" | "dumps">>;

/** The role that dumps. Its password is in `pgpass`, beside the configuration. */
export interface DumpRole {
  name: string;
  /** True before PostgreSQL 14, where only a superuser can read everything. */
  superuser: boolean;
}

/** A server that the agent reads from. */
export interface Server {
  name: "primary" | "standby";
  host: string;
  port: number;
}

/** What is dumped, when, and how long it is kept. */
export interface DumpSettings {
  schedule: Schedule;
  /**
   * Names, or "*": every database but template0 and template1. Each run looks for them again. An empty list:
   * the stack makes no dumps, and the agent only backs up.
   */
  databases: string[] | "*";
  /** The server to read from. The agent takes the other one when this one cannot be read. */
  source: "standby" | "primary";
  retentionDays: number;
  retentionCount: number;
  /** Whether to write a plain `.sql.gz` as well. */
  plain: boolean;
  /** For a run. */
  timeoutSeconds: number;
  /** The folder of the engine's machine, for sentences only. Absent: a volume. */
  path?: string;
  /** For one database of a run. */
  databaseTimeoutSeconds: number;
  /** What a dump must leave free where the dumps are. Absent: nothing. */
  minFree?: MinFree;
}

/** A share of the file system, or a number of bytes. */
export type MinFree = { text: string } & ({ percent: number } | { bytes: number });

/** The upload of the dumps by Duplicati. */
export interface UploadSettings {
  /** Duplicati's address in the stack's network. Its password is in `duplicati-password`. */
  url: string;
  /** The job's name in Duplicati. */
  job: string;
  schedule: Schedule;
  timeoutSeconds: number;
  /** Whether to upload the first dump at once, before the schedule says so. */
  afterFirstDump: boolean;
}
