import type { AgentOverview, DiskFacts } from "../agentOverview";
import type { Cluster } from "./acceptPrimary";
import type { ServerReport } from "./report";

/** Why something could not be looked at, in one sentence. */
export interface Unknown {
  unknown: string;
  /**
   * It was asked twice and did not answer, so it does not work: its name leads nowhere, because its container is stopped
   * or cut off; its port is closed; or nothing came back. Absent: nobody knows how it is.
   */
  down?: "stopped" | "refused" | "silent";
  /** What the supervisor of a server says meanwhile. */
  report?: ServerReport;
}

/** What a look found, or why it found nothing. */
export type Seen<T> = T | Unknown;

export function isUnknown(seen: unknown): seen is Unknown {
  return typeof seen === "object" && seen !== null && "unknown" in seen;
}

/** What is known of a stack at a moment. What the stack does not have is absent. Sizes are in bytes, times ISO 8601. */
export interface StackFacts {
  /** By the clock of who looked. */
  at: string;
  /** Whether Laterbase runs the primary. Absent: nobody said. */
  managed?: boolean;
  primary: Seen<PrimaryFacts>;
  /** By name. */
  standbys: Record<string, Seen<StandbyFacts>>;
  /** The slot of each standby on the primary, by the standby's name. */
  slots: Record<string, string>;
  pooler?: Seen<PoolerFacts>;
  agent?: Seen<AgentOverview>;
  /** What else of the stack was reached, by name. Only the monitor looks. */
  services?: Record<string, Seen<{ reached: true }>>;
  /** When certificates expire, by what they belong to. Only the monitor looks. */
  certificates?: Record<string, { until: string }>;
  /** Why the monitor keeps no history at present. Absent: it does. */
  historyProblem?: string;
  /** Where messages and pings of the monitor do not arrive, with the code of why. Absent: they all do. */
  undelivered?: Undelivered[];
  /** When the image of the monitor, and so of the agent, was built. */
  imageBuiltAt?: string;
  /** Since when the primary has written what is in no WAL of a repository, by its number. Only the monitor looks. */
  unarchivedSince?: Record<string, string>;
  /** How many bytes a day a file system lost in the last week, by what it holds. Only the monitor knows. */
  growth?: Record<string, number>;
}

/** What does not arrive: a target of messages, or the ping of a job. */
export interface Undelivered {
  /** As the configuration names it, without the address, which is secret. */
  target: string;
  /** Such as `HTTP 404`. */
  code: string;
  /** It is a ping. */
  ping?: true;
}

/** What tells one cluster from another, and one clock from another. Each is absent where nobody asked. */
export interface ServerIdentity {
  systemIdentifier?: string;
  timeline?: number;
  /** The server's clock when it was asked, and the monitor's at the middle of the question. */
  clock?: { server: string; monitor: string };
}

export interface PrimaryFacts extends ServerIdentity {
  /** As the server says it, such as `17.5 (Debian 17.5-1)`. */
  version: string;
  startedAt: string;
  inRecovery: boolean;
  /** Client connections, and how many there may be. */
  connections: { used: number; most: number };
  /** Null: the sizes did not come in time. */
  databases: DatabaseFacts[] | null;
  /** The databases that the configuration names and that are not there. Absent where nobody looked. */
  lacking?: string[];
  slots: SlotFacts[];
  replicas: ReplicaFacts[];
  /** Null: it archives no WAL. */
  archiver: ArchiverFacts | null;
  /** What runs there for longer than a minute, and work that reports its progress. */
  running: ServerWork[];
  /** The file system of its data. Absent where nothing of ours is on its machine. */
  disk?: DiskFacts;
  /** The age of the oldest transaction id that is not frozen, and where PostgreSQL refuses new ones. */
  transactionAge?: { age: number; database: string; limit: number };
  /** What is not there as the stack wants it, one sentence each. Absent where nobody looked. */
  drift?: string[];
  /** The parameters that a restart puts in force. Absent where nobody looked. */
  waiting?: string[];
  /** Those of them that are Laterbase's own: somebody changed them, and a restart could end backups or the server. */
  changedOwn?: string[];
  /** What its supervisor reports. */
  report?: Seen<ServerReport>;
  /** The cluster that is known as this stack's, and the newest timeline that was seen of it. */
  before?: Cluster;
}

export interface DatabaseFacts {
  name: string;
  bytes: number;
  clients: number;
}

/** A replication slot. */
export interface SlotFacts {
  name: string;
  active: boolean;
  /** PostgreSQL's word: reserved, extended, unreserved or lost. */
  status: string | null;
  /** WAL that it keeps. Null: it keeps none yet, or nothing any more. */
  bytes: number | null;
  /** max_slot_wal_keep_size. Null: there is no limit. */
  limit: number | null;
}

/** What the primary sends, and how far its other end is. */
export interface ReplicaFacts {
  /** Null: it uses none. */
  slot: string | null;
  state: string;
  /** WAL that is not replayed there yet, and for how long. */
  bytes: number | null;
  seconds: number | null;
}

export interface ArchiverFacts {
  archived: number;
  failed: number;
  /** Null: never. */
  lastArchivedAt: string | null;
  lastFailedAt: string | null;
  lastFailedWal: string | null;
  /** Absent: an earlier release did not ask for it. */
  lastArchivedWal?: string | null;
}

export interface ServerWork {
  /** Such as `query`, `vacuum` or `base backup`. */
  what: string;
  database: string | null;
  since: string | null;
  /** From 0 to 100. Null: it is not known. */
  percent: number | null;
}

export interface StandbyFacts extends ServerIdentity {
  inRecovery: boolean;
  /** Replay is paused. */
  paused: boolean;
  streaming: boolean;
  /** The age of the last transaction that was replayed. Null: there was none. */
  replayAge: number | null;
  disk?: DiskFacts;
  /** How far its replay is behind by the heartbeat, or by the primary's clock. Null: it cannot be told. */
  lagSeconds?: number | null;
  /** What its supervisor reports. */
  report?: Seen<ServerReport>;
}

export interface PoolerFacts {
  /** Its clients wait, because it is paused. */
  paused: boolean;
  /** How many clients there may be. Null: it did not say. */
  mostClients: number | null;
  pools: PoolFacts[];
}

/** What PgBouncer says of a pool. */
export interface PoolFacts {
  database: string;
  user: string;
  mode: string;
  clients: { active: number; waiting: number };
  servers: { active: number; idle: number; used: number };
  /** How long the first waiting client has waited, in seconds. */
  maxWait: number;
}
