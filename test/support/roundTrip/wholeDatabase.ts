import fc from "fast-check";
import { grants, rights } from "./grants";
import { oddName, oddText, pick } from "./names";
import { literal, type Place, quoted } from "./place";
import type { Unit } from "./tables";

/** Settings of a database that ordinary applications make, with their values as SET reads them. */
const SETTINGS: readonly (readonly [name: string, values: readonly string[], since?: number])[] = [
  ["TimeZone", ["'Asia/Kathmandu'", "'-7'", "'<-03>3'"]],
  ["DateStyle", ["'SQL, DMY'", "'German'"]],
  ["IntervalStyle", ["'sql_standard'", "'iso_8601'"]],
  ["search_path", ['"Odd, schema", "$user", public', "''", "public"]],
  ["bytea_output", ["'escape'"]],
  ["extra_float_digits", ["-15", "0"]],
  ["standard_conforming_strings", ["off"]],
  ["backslash_quote", ["'off'"]],
  ["default_transaction_isolation", ["'serializable'", "'repeatable read'"]],
  ["default_transaction_read_only", ["on"]],
  ["default_transaction_deferrable", ["on"]],
  ["statement_timeout", ["'1ms'"]],
  ["lock_timeout", ["'1ms'"]],
  ["idle_in_transaction_session_timeout", ["'1ms'"]],
  ["idle_session_timeout", ["'1ms'"], 14],
  ["transaction_timeout", ["'1ms'"], 17],
  ["row_security", ["off"]],
  ["session_replication_role", ["'replica'"]],
  ["check_function_bodies", ["on"]],
  ["array_nulls", ["off"]],
  ["transform_null_equals", ["on"]],
  ["xmloption", ["document"]],
  ["xmlbinary", ["'hex'"]],
  ["quote_all_identifiers", ["on"]],
  ["lc_monetary", ["'de_DE.UTF-8'"]],
  ["lc_numeric", ["'de_DE.UTF-8'"]],
  ["lc_time", ["'de_DE.UTF-8'"]],
  ["lc_messages", ["'de_DE.UTF-8'"]],
  ["client_encoding", ["'LATIN1'", "'SQL_ASCII'"]],
  ["client_min_messages", ["'error'", "'debug5'"]],
  ["default_text_search_config", ["'pg_catalog.german'"]],
  ["default_toast_compression", ["'pglz'"], 14],
  ["work_mem", ["'64kB'"]],
  ["maintenance_work_mem", ["'1MB'"]],
  ["constraint_exclusion", ["on"]],
  ["synchronous_commit", ["off"]],
  ["enable_seqscan", ["off"]],
  ["jit", ["on"]],
  ["default_statistics_target", ["1"]],
  ["log_statement", ["'all'"]],
  ["log_min_duration_statement", ["0"]],
  ["plpgsql.variable_conflict", ["'use_column'"]],
  ["app.tenant", [`'it''s "x", \\y'`, "''"]],
  ["event_triggers", ["on"], 17],
  ["createrole_self_grant", ["'set'"], 16],
];

interface Setting {
  setting: number;
  value: number;
  role?: number | undefined;
}

const settings: fc.Arbitrary<Setting[]> = fc.array(
  fc.record({ setting: pick, value: pick, role: fc.option(pick, { nil: undefined }) }),
  { maxLength: 5 },
);

/** Properties of the database itself. They are applied after its contents. */
export const properties: fc.Arbitrary<(place: Place, database: string) => string[]> = fc
  .record({
    settings,
    rights,
    comment: fc.option(oddText, { nil: undefined }),
    limit: fc.constantFrom(-1, 50),
    template: fc.integer({ min: 0, max: 5 }).map((n) => n === 5),
  })
  .map((wanted) => (place: Place, database: string) => {
    const name = quoted(database);
    const owner = place.role(wanted.rights.owner);
    const usable = SETTINGS.filter(([, , since = 0]) => place.major >= since);
    return [
      `ALTER DATABASE ${name} OWNER TO ${quoted(owner)}`,
      ...grants(place, "DATABASE", name, owner, wanted.rights),
      // Without it the dump would be refused with a sentence, which another test looks at.
      `GRANT CONNECT ON DATABASE ${name} TO PUBLIC`,
      ...(wanted.comment === undefined
        ? []
        : [`COMMENT ON DATABASE ${name} IS ${literal(wanted.comment)}`]),
      `ALTER DATABASE ${name} CONNECTION LIMIT ${wanted.limit}`,
      ...(wanted.template ? [`ALTER DATABASE ${name} IS_TEMPLATE true`] : []),
      ...wanted.settings.map(({ setting, value, role }) => {
        const [parameter, values] = usable[setting % usable.length]!;
        const whose = role === undefined ? "" : `ROLE ${quoted(place.role(role))} IN `;
        const words = parameter
          .split(".")
          .map((word) => quoted(word))
          .join(".");
        return `ALTER ${whose}DATABASE ${name} SET ${words} TO ${values[value % values.length]}`;
      }),
    ];
  });

/** What belongs to a database and to no schema. */
export const eventTrigger: fc.Arbitrary<Unit> = fc
  .record({
    name: oddName,
    owner: pick,
    event: fc.constantFrom(
      "ddl_command_start",
      "ddl_command_end",
      "sql_drop",
      "table_rewrite",
      "login",
    ),
  })
  .map((wanted) => (place: Place) => {
    const code = place.name("event function");
    const name = place.alone(wanted.name);
    const event = wanted.event === "login" && place.major < 17 ? "sql_drop" : wanted.event;
    // What it does must not stop what fills the database, or what logs in to compare it.
    return [
      `CREATE FUNCTION ${code}() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN NULL; END$$`,
      `CREATE EVENT TRIGGER ${name} ON ${event} ${event === "login" || event === "table_rewrite" ? "" : "WHEN TAG IN ('CREATE TABLE', 'DROP TABLE')"} EXECUTE FUNCTION ${code}()`.replace(
        "  ",
        " ",
      ),
      `ALTER EVENT TRIGGER ${name} ENABLE ${["", "ALWAYS", "REPLICA"][wanted.owner % 3]}`.trim(),
      `COMMENT ON EVENT TRIGGER ${name} IS 'an event trigger'`,
    ];
  });

export const publication: fc.Arbitrary<Unit> = fc
  .record({ name: oddName, table: pick, all: fc.boolean(), owner: pick })
  .map((wanted) => (place: Place) => {
    const name = place.alone(wanted.name);
    const table = place.table(wanted.table)?.name;
    const newer = place.major >= 15;
    const what = wanted.all
      ? "FOR ALL TABLES"
      : table === undefined
        ? ""
        : newer && wanted.owner % 2 === 0
          ? `FOR TABLES IN SCHEMA ${place.schema}`
          : `FOR TABLE ${table}`;
    return [
      `CREATE PUBLICATION ${name} ${what} WITH (publish = 'insert, truncate', publish_via_partition_root)`,
      `COMMENT ON PUBLICATION ${name} IS 'a publication'`,
    ];
  });

export const largeObject: fc.Arbitrary<Unit> = fc
  .record({
    rights,
    bytes: fc.constantFrom("'x'", "''", "'\\x00ff'::bytea", "repeat('y', 5000)::bytea"),
    comment: oddText,
    hole: fc.boolean(),
  })
  .map((wanted) => (place: Place) => {
    const oid = 70_000 + place.next();
    const owner = place.role(wanted.rights.owner);
    return [
      `SELECT lo_from_bytea(${oid}, ${wanted.bytes})`,
      ...(wanted.hole ? [`SELECT lo_put(${oid}, 9000, 'end')`] : []),
      `ALTER LARGE OBJECT ${oid} OWNER TO ${quoted(owner)}`,
      ...grants(place, "LARGE OBJECT", `${oid}`, owner, wanted.rights),
      `COMMENT ON LARGE OBJECT ${oid} IS ${literal(wanted.comment || "lo")}`,
    ];
  });

/** Rights that objects get which are made later, of an owner, in all schemas or in one. */
export const defaults: fc.Arbitrary<Unit> = fc
  .record({
    owner: pick,
    grantee: pick,
    kind: fc.constantFrom("TABLES", "SEQUENCES", "FUNCTIONS", "TYPES", "SCHEMAS"),
    here: fc.boolean(),
    revoke: fc.boolean(),
    option: fc.boolean(),
  })
  .map((wanted) => (place: Place) => {
    const where = wanted.here && wanted.kind !== "SCHEMAS" ? `IN SCHEMA ${place.schema}` : "";
    const begin = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(place.role(wanted.owner))} ${where}`;
    const option = wanted.option ? "WITH GRANT OPTION" : "";
    const lines = [
      `${begin} GRANT ALL ON ${wanted.kind} TO ${quoted(place.role(wanted.grantee))} ${option}`,
    ];
    if (wanted.revoke && ["FUNCTIONS", "TYPES"].includes(wanted.kind))
      lines.push(`${begin} REVOKE ALL ON ${wanted.kind} FROM PUBLIC`);
    return lines;
  });

const EXTENSIONS = [
  ...[
    "pg_trgm",
    "hstore",
    "citext",
    "unaccent",
    "ltree",
    "intarray",
    "btree_gist",
    "btree_gin",
    "pgcrypto",
    "cube",
  ],
  ...[
    "isn",
    "seg",
    "fuzzystrmatch",
    "tablefunc",
    "uuid-ossp",
    "postgres_fdw",
    "file_fdw",
    "dblink",
    "bloom",
    "lo",
  ],
  ...[
    "tcn",
    "tsm_system_rows",
    "dict_int",
    "xml2",
    "pg_stat_statements",
    "pgstattuple",
    "amcheck",
    "moddatetime",
  ],
];

/** An extension of the image, in a schema of its own. */
export const extension: fc.Arbitrary<Unit> = fc
  .record({ extension: pick, old: fc.boolean(), granted: pick })
  .map((wanted) => (place: Place) => {
    const plain = EXTENSIONS[wanted.extension % EXTENSIONS.length]!;
    if (place.alone(`extension ${plain}`) !== quoted(`extension ${plain}`)) return [];
    return [
      `CREATE EXTENSION ${quoted(plain)} SCHEMA ${place.schema}`,
      `COMMENT ON EXTENSION ${quoted(plain)} IS 'another comment'`,
      ...(plain === "pg_trgm"
        ? [
            `REVOKE ALL ON FUNCTION ${place.schema}.show_trgm(text) FROM PUBLIC`,
            `GRANT EXECUTE ON FUNCTION ${place.schema}.show_trgm(text) TO ${quoted(place.role(wanted.granted))}`,
          ]
        : []),
    ];
  });

/** An access method, a language and a transform. */
export const handlers: fc.Arbitrary<Unit> = fc
  .record({
    name: oddName,
    form: fc.constantFrom("index", "table", "language", "transform"),
    owner: pick,
    rights,
  })
  .map((wanted) => (place: Place) => {
    const name = place.alone(`handler ${wanted.name}`);
    const table = place.name("made by a handler");
    const owner = place.role(wanted.rights.owner);
    if (wanted.form === "transform") {
      const type = place.name("transformed");
      return [
        `CREATE TYPE ${type} AS (n int)`,
        `CREATE TRANSFORM FOR ${type} LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))`,
        `COMMENT ON TRANSFORM FOR ${type} LANGUAGE sql IS 'a transform'`,
      ];
    }
    if (wanted.form === "language") {
      const call = place.name("call handler");
      // pg_dump takes a language for an extension's when its handler is a system function.
      return [
        `CREATE FUNCTION ${call}() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'`,
        `CREATE TRUSTED LANGUAGE ${name} HANDLER ${call}`,
        `CREATE FUNCTION ${place.name("in a language")}() RETURNS int LANGUAGE ${name} AS 'BEGIN RETURN 1; END'`,
        `ALTER LANGUAGE ${name} OWNER TO ${quoted(owner)}`,
        ...grants(place, "LANGUAGE", name, owner, wanted.rights),
      ];
    }
    const [type, handler] =
      wanted.form === "index" ? ["INDEX", "bthandler"] : ["TABLE", "heap_tableam_handler"];
    return [
      `CREATE ACCESS METHOD ${name} TYPE ${type} HANDLER ${handler}`,
      `COMMENT ON ACCESS METHOD ${name} IS 'a method'`,
      ...(wanted.form === "table"
        ? [`CREATE TABLE ${table} (n int) USING ${name}`, `INSERT INTO ${table} VALUES (1)`]
        : []),
    ];
  });
