import type { ArchivedWal, MadeBackup } from "./backupRecord";
import type { DrillProof, DrillResult } from "./drillRecord";
import type { MadePoint, UploadFigures } from "./jobRecord";
import type { Omission, Signature } from "./manifest";
import type { RepositoryType } from "./pgBackRest";

/**
 * What `laterbase-agent <command> --json` prints, one object a line. The last line is the result
 * or the error.
 */
export type Reply =
  | { progress: string }
  | { result: unknown }
  /** One sentence. */
  | { error: string };

/** The result of `list-dumps` is a list of these. */
export interface ListedDump {
  /** Its folder below the backups, such as `mfi_banking/20261121T030000Z`. Commands take it. */
  id: string;
  database: string;
  takenAt: string;
  /** Of the dumps of a stack, the one with the highest number is the newest. Absent: see `DatedDump`. */
  number?: number;
  /** Its time lies in the future by the clock of the agent's machine. */
  future?: true;
  bytes: number;
  source: "primary" | "standby";
  /** The major version that wrote it. A restore needs the same one. */
  major: number;
  /** Who wrote its manifest. A "changed" one is neither verified nor restored. */
  signature: Signature;
  /** How many things it does not hold. `verify-dump` names all of them. */
  leftOut: number;
  /** The same by name, of the newest dump of each database. */
  omissions?: Omission[];
}

/** The result of `verify-dump`: every file of the dump is as it was written. */
export interface Verified {
  id: string;
  database: string;
  takenAt: string;
  signature: Signature;
  files: { name: string; bytes: number }[];
  /** The number of objects that pg_restore sees in the archive. */
  entries: number;
  tables: number;
  rows: number;
  largeObjects: number;
  omissions: Omission[];
  seconds: number;
}

/** How a restored database compares with its dump's manifest. */
export interface Comparison {
  tables: number;
  rows: number;
  largeObjects: number;
  sequences: number;
  /** Their rows are made anew, so others are no failure. */
  views: {
    compared: number;
    /** Those with other rows than in the dump, with their numbers of rows where these differ. */
    other: string[];
    /** Those whose sum would run code of their owner. */
    notCompared: string[];
  };
  /** One phrase for each difference. Empty when everything is equal. */
  differences: string[];
}

/** An object of a dump that a restore could not make. */
export interface MissingObject {
  /** The number of its entry in the archive's table of contents. 0: it has none. */
  id: number;
  /** As pg_dump names it, such as `VIEW`, or `TABLE DATA` for the rows of a table; or a setting. */
  kind: string;
  /** With its schema where it has one. */
  name: string;
  /** Empty: nobody, such as for an extension. Of a setting: the role that has it, empty for all. */
  owner: string;
  /** The SQLSTATE. Null where only pg_restore tried, which gives none. */
  code: string | null;
  /** One line of the server. */
  error: string;
  /** Other missing objects that it needs. */
  needs: string[];
}

/** The result of `restore-dump`. */
export interface Restored extends Comparison {
  /** The dump's id, its database, and the time of the state that is restored. */
  dump: string;
  source: string;
  takenAt: string;
  /** The restored database's name. */
  database: string;
  /** Of a restore in place: what happened to the database that had the name before. */
  replaced?: { kept: string; evicted: number; seconds: number };
  /** Of a restore in place that lacks objects: the database that was not replaced. */
  notReplaced?: string;
  /** The same with `nameFirst`: for how many seconds clients were locked out of that database. */
  lockedOut?: { evicted: number; seconds: number };
  /** Which of these databases are templates, which DROP DATABASE refuses. Absent: none. */
  templates?: string[];
  /** What could not be made. Empty with `strict`. */
  missing: MissingObject[];
  /** The file with the SQL of what is missing, in the agent's container. Absent without any. */
  missingSql?: string;
  createdRoles: string[];
  /** Databases that an interrupted restore left, with the statements that put everything back. */
  leftovers: { database: string; statements: string[] }[];
  /** Where the agent reaches the primary. */
  primary: { host: string; port: number };
  omissions: Omission[];
  /** What the operator should know beyond that, one sentence each. */
  notes: string[];
  timings: { filling: number; comparing: number; analyzing: number };
  seconds: number;
}

/** The result of `duplicati-job`. */
export interface DuplicatiJobMade {
  id: string;
  name: string;
  change: "created" | "changed";
}

/** The result of `delete-dump`. */
export interface DeletedDump {
  id: string;
  /** The size of its files, as its manifest has it; 0 where no manifest can be read. */
  bytes: number;
}

/** The result of `upload`. */
export interface Uploaded extends UploadFigures {
  /** One sentence. */
  detail: string;
}

/** The result of `take-dumps`: what became of each dump that the operator's command brought. */
export interface TakenDumps {
  /** Those that are in the folder of the dumps now, the newest first. */
  taken: ListedDump[];
  /** The ids of those that were there already. They stay as they are. */
  there: string[];
  /** Those that are not used, each with one sentence. */
  bad: { id: string; problem: string }[];
  /** The ids of those that the next good dump of their database removes, because of their age. */
  expiring: string[];
}

/** The result of `list-backups` is a list of these, one for each repository. */
export interface ListedRepository {
  /** pgBackRest's number, from 1. */
  repository: number;
  type: RepositoryType;
  location: string;
  encrypted: boolean;
  /** The oldest first, as pgBackRest lists them. Empty when it cannot be read. */
  backups: ListedBackup[];
  /** Absent without any, and when it cannot be read. */
  newestWal?: ArchivedWal;
  /** The last drill that came to an end. Absent: there was none. */
  lastDrill?: ListedDrill;
  /** Why it cannot be read, in one sentence. */
  problem?: string;
}

/** How the last drill of a repository ended. */
export interface ListedDrill {
  /** ISO 8601. */
  at: string;
  result: DrillResult["result"];
  /** One or a few sentences. */
  detail: string;
  /** The proofs that showed nothing. Absent: all did, or it failed. */
  unproven?: DrillProof[];
  /** It had no room for the data, so it says nothing about the repository. */
  noRoom?: true;
  /** How long it took until a server answered that had everything. Absent where none did. */
  recoverySeconds?: number;
}

/** The result of `discard-timeline` is a list of these, one for each repository. */
export interface DiscardedTimeline {
  /** pgBackRest's number, from 1. */
  repository: number;
  /** How many files of the archive were removed. */
  files: number;
  /** Labels of the backups of that timeline that are gone, with those that stood on them. */
  expired: string[];
  /** Labels of those that pgBackRest keeps until there is another full backup. */
  kept: string[];
  /** Why nothing is certain there, in one sentence. */
  problem?: string;
}

/** A backup in a repository. */
export interface ListedBackup extends Omit<MadeBackup, "source"> {
  /** Absent when no record of this agent names it. */
  source?: MadeBackup["source"];
  /** ISO 8601. A restore can reach any later time for which there is WAL. */
  startedAt: string;
  endedAt: string;
  /** The label of the backup that it needs. Absent for a full one. */
  prior?: string;
  /** The first and the last WAL segment that it needs by itself. */
  wal?: { start: string; stop: string };
}

/** The result of `restore-point`. */
export interface RestorePointMade extends MadePoint {
  /** Whether each repository has the segment, by its number. */
  archived: { repository: number; problem?: string }[];
}
