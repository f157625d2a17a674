/**
 * Every parameter by which the data of one server can differ from that of another: what pg_control holds. The
 * preflight and the standby's image both take their parameters from this list, so no parameter is compared in
 * one place only. What a database has of its own (encoding, lc_collate, lc_ctype) is in pg_database, and the
 * preflight compares it there.
 */
export interface ControlParameter {
  /** Its name in `from`. */
  name: string;
  /** What says it on the primary: pg_control_system(), pg_control_init(), pg_settings, or the file's bytes. */
  from: "system" | "init" | "setting" | "bytes";
  /** Its line in pg_controldata, without the colon. Absent where that program does not print it. */
  line?: string;
  /**
   * What a standby does with the primary's value. `equal`: its image has a fixed value, and reads no data of
   * another one. `least`: recovery stops when the standby has a lower value than the primary, so it takes the
   * primary's. `replica`: the primary needs at least that wal_level. `follows`: the value comes with the data,
   * and each value works.
   */
  rule: "equal" | "least" | "replica" | "follows";
  /** With `equal`: the value of our images. The same on x86-64 and arm64. */
  image?: (major: number) => number | boolean | undefined;
}

const fixed = (value: number | boolean) => () => value;

/** CATALOG_VERSION_NO of each major: the same in all of its releases. A fork of PostgreSQL has another one. */
const catalogs: Readonly<Record<number, number>> = {
  13: 202007201,
  14: 202107181,
  15: 202209061,
  16: 202307071,
  17: 202406281,
  18: 202506291,
};

export const controlParameters: readonly ControlParameter[] = [
  // The format of the file itself, which belongs to a catalog version.
  {
    name: "pg_control_version",
    from: "system",
    line: "pg_control version number",
    rule: "follows",
  },
  {
    name: "catalog_version_no",
    from: "system",
    line: "Catalog version number",
    rule: "equal",
    image: (major) => catalogs[major],
  },
  // A standby compares it with its own data whenever it connects.
  {
    name: "system_identifier",
    from: "system",
    line: "Database system identifier",
    rule: "follows",
  },
  {
    name: "wal_level",
    from: "setting",
    line: "wal_level setting",
    rule: "replica",
  },
  { name: "wal_log_hints", from: "setting", line: "wal_log_hints setting", rule: "follows" },
  { name: "max_connections", from: "setting", line: "max_connections setting", rule: "least" },
  {
    name: "max_worker_processes",
    from: "setting",
    line: "max_worker_processes setting",
    rule: "least",
  },
  { name: "max_wal_senders", from: "setting", line: "max_wal_senders setting", rule: "least" },
  {
    name: "max_prepared_transactions",
    from: "setting",
    line: "max_prepared_xacts setting",
    rule: "least",
  },
  {
    name: "max_locks_per_transaction",
    from: "setting",
    line: "max_locks_per_xact setting",
    rule: "least",
  },
  {
    name: "track_commit_timestamp",
    from: "setting",
    line: "track_commit_timestamp setting",
    rule: "least",
  },
  { name: "little_endian", from: "bytes", rule: "equal", image: fixed(true) },
  {
    name: "max_data_alignment",
    from: "init",
    line: "Maximum data alignment",
    rule: "equal",
    image: fixed(8),
  },
  {
    name: "database_block_size",
    from: "init",
    line: "Database block size",
    rule: "equal",
    image: fixed(8192),
  },
  {
    name: "blocks_per_segment",
    from: "init",
    line: "Blocks per segment of large relation",
    rule: "equal",
    image: fixed(131072),
  },
  {
    name: "wal_block_size",
    from: "init",
    line: "WAL block size",
    rule: "equal",
    image: fixed(8192),
  },
  // initdb chooses it. The standby's limits of WAL follow it.
  {
    name: "bytes_per_wal_segment",
    from: "init",
    line: "Bytes per WAL segment",
    rule: "follows",
  },
  {
    name: "max_identifier_length",
    from: "init",
    line: "Maximum length of identifiers",
    rule: "equal",
    image: fixed(64),
  },
  {
    name: "max_index_columns",
    from: "init",
    line: "Maximum columns in an index",
    rule: "equal",
    image: fixed(32),
  },
  {
    name: "max_toast_chunk_size",
    from: "init",
    line: "Maximum size of a TOAST chunk",
    rule: "equal",
    image: fixed(1996),
  },
  {
    name: "large_object_chunk_size",
    from: "init",
    line: "Size of a large-object chunk",
    rule: "equal",
    image: fixed(2048),
  },
  {
    name: "float8_pass_by_value",
    from: "init",
    line: "Float8 argument passing",
    rule: "equal",
    image: fixed(true),
  },
  {
    name: "data_page_checksum_version",
    from: "init",
    line: "Data page checksum version",
    rule: "follows",
  },
  // PostgreSQL 18 and newer. Data of either kind is read as it was written.
  {
    name: "default_char_signedness",
    from: "init",
    line: "Default char data signedness",
    rule: "follows",
  },
];

/** The parameters of one rule, in the order of the list. */
export function controlled(rule: ControlParameter["rule"]): ControlParameter[] {
  return controlParameters.filter((parameter) => parameter.rule === rule);
}

/** How the PostgreSQL of our image of a major is built. It reads no data of another build. */
export function imageBuild(major: number): Record<string, number | boolean> {
  const build = controlled("equal").map(({ name, image }) => [name, image?.(major)] as const);
  return Object.fromEntries(build.filter(([, value]) => value !== undefined)) as Record<
    string,
    number | boolean
  >;
}
