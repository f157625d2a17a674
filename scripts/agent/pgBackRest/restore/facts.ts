import type { Micros } from "../../../../contract/pgTime";
import type { RestoreWish } from "../../../../contract/restoreTarget";
import type { Backup } from "../info";

/** Everything that a plan stands on and that is the same for each repository. */
export interface StackFacts {
  /** PostgreSQL's major version. */
  major: number;
  timeZone: string;
  now: Micros;
  /** The timeline that the primary writes. Absent: it does not answer. */
  timeline?: number;
  /** The primary's max_wal_size in MB. Absent: it does not answer. */
  maxWal?: number;
  /** Restores and backups that were made, for an estimate. */
  runs: PastRun[];
}

/** What one repository holds. */
export interface RepositoryFacts {
  number: number;
  location: string;
  /** Those of the newest server, the oldest first. */
  backups: Backup[];
  /** Every WAL segment of that server. */
  segments: ArchivedSegment[];
  /** The history of each timeline that has one: how it came from the first. */
  histories: ReadonlyMap<number, readonly Leg[]>;
  /** Labels of backups that the last `verify` which read it called invalid. */
  invalid: readonly string[];
}

/** A segment as the repository lists it. */
export interface ArchivedSegment {
  segment: string;
  bytes: number;
  /** When it got there. */
  at: Micros;
}

/** A part of the way to a timeline. */
export interface Leg {
  timeline: number;
  /** The LSN at which the next timeline begins. Absent for the last one. */
  until?: string;
}

/** A run that shows how long the next one takes. */
export interface PastRun {
  kind: "restore" | "backup";
  /** The size of the data. */
  bytes: number;
  seconds: number;
  /** The replay of a restore, with the stored size of its WAL. */
  replay?: { bytes: number; seconds: number };
}

/** A place in the WAL that a recovery can stop at. */
export interface WalPlace {
  lsn: string;
  timeline: number;
  /** Of the end of a transaction. */
  at?: Micros;
  /** What pg_waldump printed of the record, which is read again before it decides. Absent: it is the LSN that was asked for. */
  description?: string;
}

/** What a search for the target in the archived WAL found. */
export type Sought =
  | { kind: "found"; place: WalPlace }
  /** All of the WAL was read. The last transaction that ended in it, where there is one. */
  | { kind: "absent"; last?: WalPlace }
  /** It is not before this segment, which is missing. */
  | { kind: "gap"; missing: string; last?: WalPlace }
  /** It was over before the WAL that was read. */
  | { kind: "earlier" }
  /** A restore undid what was written at that time. */
  | { kind: "undone"; fork: Fork }
  /** There was too much to read. */
  | { kind: "not-read" };

/** Where the way leaves a timeline on which more was written. */
export interface Fork {
  /** The timeline that was left. */
  from: number;
  /** The last transaction before the moment that is on the way. */
  at?: Micros;
}

/** A wish whose time is a moment. */
export interface ResolvedWish extends Omit<RestoreWish, "target"> {
  target: Exclude<RestoreWish["target"], { kind: "time" }> | { kind: "time"; moment: Micros };
}
