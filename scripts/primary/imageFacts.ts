/** How the PostgreSQL of a standby's image is built. It cannot read data of another build. */
export const imageBuild = {
  // The same on x86-64 and arm64. pg_control_init() reports all but the first.
  little_endian: true,
  max_data_alignment: 8,
  database_block_size: 8192,
  blocks_per_segment: 131072,
  wal_block_size: 8192,
  max_identifier_length: 64,
  max_index_columns: 32,
  max_toast_chunk_size: 1996,
  large_object_chunk_size: 2048,
  float8_pass_by_value: true,
};

const always = [
  ...["amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dblink"],
  ...["dict_int", "dict_xsyn", "earthdistance", "file_fdw", "fuzzystrmatch", "hstore"],
  ...["insert_username", "intagg", "intarray", "isn", "lo", "ltree", "moddatetime", "pageinspect"],
  ...["pg_buffercache", "pg_freespacemap", "pg_prewarm", "pg_stat_statements", "pg_trgm"],
  ...[
    "pg_visibility",
    "pgcrypto",
    "pgrowlocks",
    "pgstattuple",
    "plpgsql",
    "postgres_fdw",
    "refint",
  ],
  ...["seg", "sslinfo", "tablefunc", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent"],
  ...["uuid-ossp", "xml2"],
];

/** The extensions that only some majors have: the first major with it, and the last one. */
const someMajors: [name: string, first: number, last: number][] = [
  ["adminpack", 13, 16],
  ["old_snapshot", 14, 16],
  ["pg_surgery", 14, Infinity],
  ["pg_walinspect", 15, Infinity],
  ["pg_logicalinspect", 18, Infinity],
];

/** The extensions in the image of a major: those of PostgreSQL itself. */
export function imageExtensions(major: number): string[] {
  const some = someMajors.filter(([, first, last]) => first <= major && major <= last);
  return [...always, ...some.map(([name]) => name)];
}
