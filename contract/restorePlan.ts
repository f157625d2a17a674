import type { BackupType } from "./pgBackRest";
import type { RestoreOptions } from "./restoreTarget";

/** What `restore-plan` takes. */
export interface RestorePlanRequest extends RestoreOptions {
  /** The number of one repository. Default: the first one that can do it. */
  repo?: number;
}

/** The result of `restore-plan`. */
export type RestorePlanReply = { plan: RestorePlan } | { refused: RestoreRefusal };

/** Why there is no way to a target. Nothing was begun. */
export interface RestoreRefusal {
  code: RefusalCode;
  /** One sentence or two. */
  sentence: string;
  /** The repository that says so. Absent where it is the same in all of them. */
  repository?: number;
}

export type RefusalCode =
  /** The time comes twice, or never: a zone says which one is meant. */
  | "time-twice"
  | "time-never"
  | "future"
  | "before-oldest"
  /** Later than what is archived. */
  | "after-last"
  /** The timeline, or what leads to it, is not in the repository. */
  | "lost-timeline"
  /** A restore undid what was written at that time. */
  | "undone"
  /** No transaction or restore point like that is in the WAL. */
  | "never-was"
  /** It is not known which backup comes before the target. */
  | "not-found"
  | "set-newer"
  | "unknown-set"
  /** The backup is on a timeline that does not lead to the one asked for. */
  | "set-timeline"
  /** WAL is missing on the way. */
  | "gap"
  | "no-backup"
  | "unreadable";

/** How a restore goes to its target. Sizes are in bytes, times are ISO 8601 in UTC. */
export interface RestorePlan {
  target: {
    kind: "latest" | "immediate" | "time" | "xid" | "lsn" | "name";
    /** The number, the LSN or the name as it was read; a time to the microsecond. */
    value?: string;
    /** As people read it: a time in the stack's zone and in UTC, both numbers of a transaction that has two. */
    words?: string;
  };
  repository: { number: number; location: string };
  set: PlannedSet;
  /** The timeline that the recovery follows. */
  timeline: number;
  /** The timelines that it goes through, the oldest first. */
  through: number[];
  wal: PlannedWal;
  /** What is reached: the last transaction that is known to be there. Absent where nothing says so. */
  reaches?: { lsn?: string; at?: string; words?: string };
  /** How long it takes by past runs. Absent without any. */
  estimate?: { seconds: number; by: "restores" | "backups" };
  /** The words after `pgbackrest`, without the stanza, the place of the data and the log's level. */
  arguments: string[];
  /** What the operator should know beyond that, one sentence each. */
  notes: string[];
}

/** The backup that a restore begins with. */
export interface PlannedSet {
  label: string;
  type: BackupType;
  endedAt: string;
  /** The same in the stack's zone and in UTC. */
  ended: string;
  /** The size of the data that it restores. */
  bytes: number;
  /** The labels of the backups that it stands on, the full one first. */
  standsOn: string[];
}

/** The WAL that a restore reads. */
export interface PlannedWal {
  from: string;
  to: string;
  segments: number;
  /** As they are stored: compressed, and mostly empty after a quiet minute. */
  bytes: number;
  /** The primary's max_wal_size in MB. Absent: the primary does not answer. */
  maxSize?: number | undefined;
}
