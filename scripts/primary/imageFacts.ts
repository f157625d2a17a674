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

/** The libraries that are named otherwise than their extension, or belong to none. */
const ofNoExtension: [name: string, first: number, last: number][] = [
  ["_int", 13, Infinity],
  ["auth_delay", 13, Infinity],
  ["auto_explain", 13, Infinity],
  ["basebackup_to_shell", 15, Infinity],
  ["basic_archive", 15, Infinity],
  ["dict_snowball", 13, Infinity],
  ["libpqwalreceiver", 13, Infinity],
  ["passwordcheck", 13, Infinity],
  ["pg_overexplain", 18, Infinity],
  ["pgoutput", 13, Infinity],
  ["pgxml", 13, Infinity],
  ["sepgsql", 13, Infinity],
  ["test_decoding", 13, Infinity],
];

/** The libraries in the image of a major that functions and logins can name, without those of conversions. */
export function imageLibraries(major: number): string[] {
  const named = imageExtensions(major).filter(
    (name) => !["intagg", "intarray", "xml2"].includes(name),
  );
  const others = ofNoExtension.filter(([, first, last]) => first <= major && major <= last);
  return [...named, ...others.map(([name]) => name)];
}
