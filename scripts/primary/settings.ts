/** The steps that prepare a primary, in order. `collation`, `probe` and `observe` change nothing. */
export type StepName =
  | "preflight"
  | "collation"
  | "amcheck"
  | "role"
  | "dumps"
  | "pgAdmin"
  | "backups"
  | "health"
  | "application"
  | "slotWalLimit"
  | "slot"
  | "hba"
  | "probe"
  | "observe";

/** How psql reaches the server: over TCP from a container, or on the primary's own machine. */
export type Transport = { kind: "sql" } | { kind: "ssh"; sudo?: boolean | string; psql?: string };

/** Where the primary is, who we are there, and who prepares it. */
export interface PrimarySettings {
  /** The owner that the primary records, such as `laterbase/dev#1a2b3c4d.2`. */
  stack: string;
  /** The replication role. */
  role: string;
  /** A name, an address, or the directory of a Unix socket. */
  host: string;
  port: number;
  superuser: string;
  /** Empty where the server asks for none (a local socket, or `sudo`). */
  superuserPassword: string;
  /** The database to run SQL in: `postgres`. Where the server has none, the scripts use `template1`. */
  database: string;
  /** The major version that the configuration names. */
  version: number;
  transport: Transport;
}

/** A role that owns one database. */
export interface ApplicationRole {
  role: string;
  database: string;
}

/** What a step works on; each step reads its own. */
export interface StepValues {
  /** preflight, observe: every slot of the stack. */
  slots?: string[];
  /** slot */
  slot?: string;
  /** role, dumps, pgAdmin, health, application: a SCRAM verifier, never a password. */
  verifier?: string;
  /** application: the role and its database, with the key that asks for them. */
  application?: ApplicationRole & { key: string };
  /** application: the primary's container. Another one may have other data, so the step runs again. */
  container?: string;
  /** observe: every role that owns a database. */
  applications?: readonly ApplicationRole[];
  /** preflight: how many connections the pooler may open here. Default 0: there is none. */
  pooled?: number;
  /** preflight, hba: whether the stack has a role that dumps. Default false. */
  dumps?: boolean;
  /** preflight, hba: whether the stack has a role that pgAdmin connects by. Default false. */
  pgAdmin?: boolean;
  /** preflight, hba: whether the stack has a role that backs up. Default false. */
  backups?: boolean;
  /** preflight, hba, observe: whether the stack has a monitor. Default false. */
  health?: boolean;
  /** preflight, hba: whether the stack restores dumps, by a role that exists meanwhile. Default false. */
  restores?: boolean;
  /** preflight: the tablespaces that the standbys have a place for, with their directories. */
  tablespaces?: Record<string, string>;
  /** preflight: each database that the configuration names, with the key that names it. Default: none. */
  databases?: Record<string, string>;
  /** preflight, health, observe: whether Laterbase runs the primary. Default false. */
  managed?: boolean;
  /** preflight: findings as JSON for a program, see findings.ts. Default false: as sentences. */
  report?: boolean;
  /** observe: the file of a managed primary that notes its superuser's verifier. */
  login?: string;
  /** observe: the parameters that `primary.settings` sets, in lower case. */
  parameters?: readonly string[];
  /** observe: the folder of pgBackRest's configuration in a managed primary. */
  configuration?: string;
  /** preflight, slotWalLimit: `max_slot_wal_keep_size`, such as `10GB`. */
  size?: string;
  /** preflight, hba: networks in CIDR notation, or `samenet`. */
  allowFrom?: string[];
  /** amcheck: the standby that it is for. */
  standby?: string;
  /** probe: the replication role's password. */
  password?: string;
}
