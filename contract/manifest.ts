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

/** The properties of a database that pg_restore does not give to a database of another name. */
export interface DatabaseProperties {
  name: string;
  owner: string;
  encoding: string;
  collate: string;
  ctype: string;
  /** "c" libc, "i" ICU, "b" builtin. PostgreSQL 15 and newer. */
  localeProvider: "b" | "c" | "i";
  locale: string | null;
  comment: string | null;
  connectionLimit: number;
  /** As `aclexplode` returns it. Null: PostgreSQL's defaults. */
  privileges: Privilege[] | null;
  /** `ALTER DATABASE … SET`, and with a role `ALTER ROLE … IN DATABASE … SET`. */
  settings: { role: string | null; name: string; value: string }[];
}

/** A privilege on a database. */
export interface Privilege {
  /** A role, or everybody: `isPublic` knows how that is written. */
  grantee: string;
  grantor: string;
  privilege: "CONNECT" | "CREATE" | "TEMPORARY";
  grantable: boolean;
}

/** Whether a privilege is everybody's. No role is named "public"; older manifests say "PUBLIC". */
export function isPublic(grantee: string): boolean {
  return grantee === "public" || grantee === "PUBLIC";
}
