import type { DumpRole } from "./agentConfig";

/**
 * `manifest.json` beside each dump. The counts and checksums are of the same snapshot that pg_dump
 * read. Its keys are a format on disk: they stay, whatever the code calls them.
 */
export interface Manifest {
  format: 1;
  stack: string;
  /** The snapshot's time in UTC, as ISO 8601. */
  takenAt: string;
  /**
   * Each dump of a stack has the next number, of whatever database it is. Clocks can be wrong, so it says which
   * of two dumps is newer. Absent: an older version wrote the manifest.
   */
  number?: number;
  /** What the database took on the server's disk. Absent: an older version wrote the manifest. */
  databaseBytes?: number;
  database: DatabaseProperties;
  source: {
    server: "primary" | "standby";
    /** Such as "17.6". */
    version: string;
    systemIdentifier: string;
    /** Of a standby: how far it had replayed, and when the last replayed commit was made. */
    replayedTo?: string;
    replayedAt?: string;
    /** Why the agent did not read from the configured source. */
    insteadOf?: string;
  };
  role: DumpRole & { why?: string };
  /** What `pg_dump --version` prints. */
  tool: string;
  files: DumpFile[];
  tables: TableContent[];
  /**
   * What the materialized views held. A dump has only their queries, and a restore runs these again.
   * Absent: an older version wrote the manifest. So it is for the next one.
   */
  materializedViews?: TableContent[];
  /** What pg_dump wrote down of each sequence. No snapshot holds it. */
  sequences?: SequenceValue[];
  largeObjects: { count: number; checksum: string };
  /**
   * The dump came without a manifest, and a restore made this one from the archive itself. It knows the
   * rows, and not the large objects.
   */
  fromArchive?: true;
  /** What the dump cannot hold. */
  leftOut: Omission[];
  /** Databases of the same server that are not dumped, where all are to be. */
  databasesLeftOut?: Omission[];
}

/**
 * Who wrote a manifest: "ours" is signed with the key of this stack; "changed" says that it is, and
 * its bytes are others; "unknown" has no signature, or one of another stack.
 */
export type Signature = "ours" | "changed" | "unknown";

/** Something that a dump cannot hold, such as an unlogged table, which a standby does not have. */
export interface Omission {
  what: string;
  why: string;
}

/** A file of a dump. */
export interface DumpFile {
  kind: "dump" | "globals" | "plain";
  name: string;
  bytes: number;
  sha256: string;
}

/** What a table held in the dump's snapshot. */
export interface TableContent {
  schema: string;
  name: string;
  rows: number;
  /** It does not depend on the order of the rows. Null for what cannot be read: a foreign table. */
  checksum: string | null;
  /**
   * What `checksum` sums: "record" (hash_record_extended, 14 and newer), "text" (hashtextextended), or
   * SHA-256 of what COPY prints, where a query would run what a user made: "copy" in UTF-8, "bytes" in the
   * database's own encoding.
   */
  algorithm: "record" | "text" | "copy" | "bytes";
}

/** The state of a sequence. */
export interface SequenceValue {
  schema: string;
  name: string;
  /** A 64-bit integer in digits: the last value that was given, or the first one that will be. */
  value: string;
  /** Whether the value was given already (`is_called`). */
  called: boolean;
}

/**
 * The properties of a database that pg_restore does not give to a database of another name. The optional
 * ones are absent in the manifests of older versions.
 */
export interface DatabaseProperties {
  name: string;
  owner: string;
  encoding: string;
  collate: string;
  ctype: string;
  /** "c" libc, "i" ICU, "b" builtin. PostgreSQL 15 and newer. */
  localeProvider: "b" | "c" | "i";
  locale: string | null;
  /** More rules for ICU's order. PostgreSQL 16 and newer. */
  icuRules?: string | null;
  /**
   * The version of the library that sorted text when the database was made. A restored database sorts by
   * its own server's. PostgreSQL 15 and newer.
   */
  collationVersion?: string | null;
  /** Where everything is that names no tablespace. */
  tablespace?: string;
  isTemplate?: boolean;
  /** `SECURITY LABEL … ON DATABASE`. */
  securityLabels?: { provider: string; label: string }[];
  comment: string | null;
  /**
   * The schema "public", which each new database has. Null: the dumped one had none. Before PostgreSQL 15
   * pg_dump does not write down its owner and its comment.
   */
  publicSchema?: { owner: string; comment: string | null } | null;
  connectionLimit: number;
  /** As `aclexplode` returns it. Null: PostgreSQL's defaults. */
  privileges: Privilege[] | null;
  /** `ALTER DATABASE … SET`, and with a role `ALTER ROLE … IN DATABASE … SET`. */
  settings: DatabaseSetting[];
  /**
   * The settings on which values depend, as the dump's own session had them. `lc_monetary` is always
   * there: pg_dump prints amounts of money by it. The others are only those of a primary, because a
   * standby may have its own.
   */
  valueSettings?: Partial<Record<ValueSetting, string>>;
}

/** A setting that applies to each new session in a database, or to those of a role. */
export interface DatabaseSetting {
  role: string | null;
  name: string;
  value: string;
}

/**
 * Settings on which the value of an expression, or its text, depends: of a materialized view or of a
 * generated column, for example.
 */
export const valueSettings = [
  "lc_monetary",
  "lc_numeric",
  "lc_time",
  "TimeZone",
  "DateStyle",
  "IntervalStyle",
  "extra_float_digits",
  "bytea_output",
  "xmlbinary",
  "default_text_search_config",
] as const;

export type ValueSetting = (typeof valueSettings)[number];

/** A privilege on a database. */
export interface Privilege {
  /** A role, or "public": everybody. No role can have that name, but one can be named "PUBLIC". */
  grantee: string;
  grantor: string;
  privilege: "CONNECT" | "CREATE" | "TEMPORARY";
  grantable: boolean;
}

/** Whether a privilege is everybody's. */
export function isPublic(grantee: string): boolean {
  return grantee === "public";
}
