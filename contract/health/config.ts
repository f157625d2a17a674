import type { Thresholds } from "./check";

/** Where the monitor listens in its container: for people, and for the reports of the stack's servers. */
export const healthPorts = { page: 8080, reports: 8081 } as const;

/** Where the agent answers the monitor, in the stack's network only. */
export const overviewPort = 8082;

/**
 * The monitor's configuration, `/etc/laterbase/health.json`. It holds no secret: those are in the files of
 * `healthFiles`, which only the image's user reads.
 */
export interface HealthConfig {
  stack: string;
  /** The beginning of the containers' names. */
  prefix: string;
  /** PostgreSQL's major version. */
  major: number;
  /** The IANA time zone in which times are shown. */
  timeZone: string;
  /** Whether Laterbase runs the primary. Then the monitor writes the heartbeat there, and nowhere else. */
  managed: boolean;
  /** The role of the monitor on every server. Its password is in `pgpass`. */
  role: string;
  /** As the monitor reaches it. */
  primary: { host: string; port: number };
  /** The databases of an external primary that the configuration names. Absent: none, or those of a managed one. */
  databases?: string[];
  /** In order. */
  standbys: MonitoredStandby[];
  /** The pooler's console. Absent without a pooler. */
  pooler?: { host: string; port: number; user: string };
  /** Absent without dumps and backups. */
  agent?: { host: string; port: number };
  /** What else of the stack has to accept connections, such as pgAdmin. */
  services: { name: string; host: string; port: number }[];
  /** PEM of certificates that expire, by what they belong to. */
  certificates: Record<string, string>;
  /** What the stack wants on its primary, for the look at drift: max_slot_wal_keep_size as configured. */
  slotRetention: string;
  /** And the roles that `up` makes there. */
  roles: WantedRole[];
  /** And the parameters whose values are the stack's, and which `up` sets again; in lower case. */
  settings: string[];
  /** And those that nobody else may set on a managed primary, in lower case. */
  ownSettings: string[];
  thresholds: Thresholds;
  /** Whether `/health` and the page ask for the token. */
  token: boolean;
}

export interface MonitoredStandby {
  name: string;
  host: string;
  port: number;
  /** Its slot on the primary. */
  slot: string;
  /** Whether it runs on the monitor's engine, so that its reports arrive. */
  near: boolean;
}

/** A role that a stack has on its primary. */
export interface WantedRole {
  name: string;
  /** For a sentence, such as `by which standbys replicate`. */
  purpose: string;
  replicates: boolean;
  /** Whether row security does not apply to it. */
  bypassesPolicies: boolean;
  /** The most connections at a time. -1: no limit. Absent: as its users like. */
  connections?: number;
  /** The roles of PostgreSQL whose rights it has. One that the server does not know is left out. */
  memberships: string[];
  /** What `ALTER ROLE … SET` gave it. */
  settings: Record<string, string>;
  /** The database that it owns, and that nobody else may connect to. */
  database?: string;
}

/** The names of the files below /etc/laterbase. All but the first are secret. */
export const healthFiles = {
  config: "health.json",
  passfile: "pgpass",
  poolerPassword: "pooler-password",
  agentToken: "agent-token",
  token: "health-token",
  /** `NotifyTarget[]`. */
  notify: "notify.json",
  /** The URL of each job that is pinged, by `PingedJob`. */
  pings: "pings.json",
} as const;

/** Where the monitor's history is: a volume of its own. */
export const historyFolder = "/var/lib/laterbase/history";

/** The jobs that may be pinged. */
export const pingedJobs = [
  "dump",
  "upload",
  "full",
  "diff",
  "incr",
  "check",
  "verify",
  "drill",
  "maintenance",
] as const;
export type PingedJob = (typeof pingedJobs)[number];

/** Where messages go. Every field may be secret. */
export type NotifyTarget = WebhookTarget | EmailTarget;

export interface WebhookTarget {
  /** `webhook` gets our own JSON; the others get what their service reads. */
  kind: "webhook" | "slack" | "discord" | "ntfy" | "matrix";
  /** For `matrix`: the home server's. */
  url: string;
  /** A bearer token: for `ntfy` and `webhook` optional, for `matrix` needed. */
  token?: string;
  /** For `matrix`: the room's id. */
  room?: string;
}

export interface EmailTarget {
  kind: "email";
  host: string;
  port: number;
  /** `tls` from the first byte, `starttls` before the login, or none. */
  security: "tls" | "starttls" | "none";
  user?: string;
  password?: string;
  from: string;
  to: string[];
}
