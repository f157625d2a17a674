/** A library that the test gives the primary only. */
export const onlyOnPrimary = { session: "only_on_primary", local: "only_local" };

/**
 * Settings that are legal and would end, change or mislead a session of Laterbase. The first major version
 * that has one stands behind it, and what keeps it out of ALTER SYSTEM.
 */
const settings: readonly [setting: string, since?: number, notOfServer?: true][] = [
  ["statement_timeout TO '1ms'"],
  ["lock_timeout TO '1ms'"],
  ["idle_in_transaction_session_timeout TO '1ms'"],
  ["idle_session_timeout TO '1ms'", 14],
  // A login is a transaction too, before the session's own settings are in force: it has to fit.
  ["transaction_timeout TO '700ms'", 17],
  ["default_transaction_read_only TO on"],
  ["default_transaction_isolation TO serializable"],
  ["default_transaction_deferrable TO on"],
  ["row_security TO on"],
  ["search_path TO evil, pg_catalog"],
  ["role TO weak", 0, true],
  ["session_replication_role TO replica"],
  ["synchronous_commit TO remote_apply"],
  ["exit_on_error TO on"],
  ["bytea_output TO escape"],
  ["xmloption TO document"],
  ["DateStyle TO 'German, DMY'"],
  ["IntervalStyle TO sql_standard"],
  ["TimeZone TO 'Asia/Tokyo'"],
  ["extra_float_digits TO -15"],
  ["standard_conforming_strings TO off"],
  ["backslash_quote TO off"],
  ["escape_string_warning TO on"],
  ["array_nulls TO off"],
  ["transform_null_equals TO on"],
  ["quote_all_identifiers TO on"],
  ["lc_messages TO 'de_DE.utf8'"],
  ["client_min_messages TO debug1"],
  ["check_function_bodies TO on"],
  ["default_table_access_method TO heap2", 0, true],
  ["default_tablespace TO gone", 0, true],
  ["temp_tablespaces TO gone", 0, true],
  ["temp_file_limit TO '1kB'"],
  ["track_activities TO off"],
  ["plpgsql.extra_errors TO 'all'", 0, true],
  [`session_preload_libraries TO ${onlyOnPrimary.session}`],
  [`local_preload_libraries TO ${onlyOnPrimary.local}`],
];

const of = (major: number) => settings.filter(([, since = 0]) => since <= major);

/** What a superuser gives a server in these ways: for a role, for all, for a database, for a role in it. */
export function hostileSql(major: number, database: string, role: string): string[] {
  const targets = [
    `ROLE ${role}`,
    "ROLE ALL",
    `DATABASE ${database}`,
    `ROLE ${role} IN DATABASE ${database}`,
  ];
  return [
    ...targets.flatMap((target) => of(major).map(([setting]) => `ALTER ${target} SET ${setting}`)),
    ...of(major).flatMap(([setting, , notOfServer]) =>
      notOfServer ? [] : [`ALTER SYSTEM SET ${setting}`],
    ),
  ];
}

/** What a role that is no superuser has of its own: what it could set itself. */
export function hostileForReader(major: number, database: string, role: string): string[] {
  const privileged = /^(session_|lc_messages|temp_file_limit|track_activities|role )/;
  return of(major)
    .filter(([setting]) => !privileged.test(setting))
    .flatMap(([setting]) => [
      `ALTER ROLE ${role} SET ${setting}`,
      `ALTER ROLE ${role} IN DATABASE ${database} SET ${setting}`,
    ]);
}

/** Values whose text, or whose way back from a text, depends on a setting. */
export const dataSql = `
  CREATE TABLE things (id int PRIMARY KEY, f float8, b bytea, i interval, at timestamptz, x xml, l text[], t text, c regclass);
  INSERT INTO things SELECT n, n / 3.0::float8, decode(md5(n::text), 'hex'), interval '-1 day 2 hours' * n,
    timestamptz '2026-01-01 00:00+00' + n * interval '1 hour', '<a/>b'::xml, ARRAY['x', NULL, 'NULL', E'\\\\'],
    E'back\\\\slash ''quoted'' ' || n, 'things' FROM generate_series(1, 500) n;
  CREATE TYPE mood AS ENUM ('calm'); CREATE TABLE moods AS SELECT 'calm'::mood AS m, ARRAY[NULL, 'calm']::mood[] AS l;
  CREATE INDEX ON things (lower(t));
  CREATE VIEW seen AS SELECT id, t LIKE E'back\\\\\\\\%' AS same FROM things;
  CREATE FUNCTION slash() RETURNS text LANGUAGE sql AS $$ SELECT '\\' $$;
  SELECT lo_from_bytea(7, '\\x00ff');`;

/** The same for every session that reads it, whatever its settings. */
export const dataQuery = `SELECT md5(string_agg(concat_ws('|', id, f, encode(b, 'hex'), extract(epoch FROM i),
    extract(epoch FROM at), x, array_to_json(l), t), ',' ORDER BY id)) || (SELECT count(*) FROM moods)
    || (SELECT bool_and(same) FROM seen) || slash() || encode(lo_get(7), 'hex') FROM things`;
