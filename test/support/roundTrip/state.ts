import { pipeline } from "node:stream/promises";
import { createHash } from "node:crypto";
import { Client, type ClientConfig, escapeIdentifier as quoted } from "pg";
import { to as copyTo } from "pg-copy-streams";

/** A server whose databases are looked at. It must be the same for both sides of a comparison. */
export interface Server {
  major: number;
  /** A superuser's login. */
  login: ClientConfig;
  /** Runs `pg_dump` of the server's major with these arguments and settings. */
  pgDump(options: string, words: readonly string[]): Promise<string>;
}

/** Everything in a database that has to come back, read by PostgreSQL's own means. */
export interface State {
  /** What `pg_dump --schema-only` writes, statement by statement. */
  schema: string[];
  /** Rows of each table and materialized view: their number and a checksum of what COPY sends. */
  rows: Record<string, string>;
  sequences: Record<string, string>;
  largeObjects: Record<string, string>;
  /** Its row of pg_database, its comment, and its rows of pg_db_role_setting. */
  database: Record<string, unknown>;
}

/** What the settings of a database and of roles in it would change. */
function options(major: number): string {
  const settings: Record<string, string> = {
    ...{ role: "none", session_replication_role: "origin", row_security: "on" },
    ...{ default_transaction_isolation: "read\\ committed", default_transaction_read_only: "off" },
    ...{ default_transaction_deferrable: "off", statement_timeout: "0", lock_timeout: "0" },
    ...{ idle_in_transaction_session_timeout: "0", search_path: "pg_catalog", array_nulls: "on" },
    ...{ TimeZone: "UTC", DateStyle: "ISO", IntervalStyle: "postgres", extra_float_digits: "3" },
    ...{ bytea_output: "hex", xmloption: "content", xmlbinary: "base64", lc_monetary: "C" },
    ...{ standard_conforming_strings: "on", quote_all_identifiers: "off", lc_messages: "C" },
    ...{ client_min_messages: "warning", client_encoding: "UTF8", transform_null_equals: "off" },
    ...(major >= 14 ? { idle_session_timeout: "0" } : {}),
    ...(major >= 17 ? { event_triggers: "off", transaction_timeout: "0" } : {}),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

/** Reads the state of a database. `sequences` and `rows` may come from a standby of the server. */
export async function stateOf(server: Server, database: string): Promise<State> {
  const session = new Client({ ...server.login, database, options: options(server.major) });
  session.on("error", () => undefined);
  await session.connect();
  try {
    const { rows } = await session.query<{ server_encoding: string }>("SHOW server_encoding");
    // Bytes of no encoding cannot be converted.
    const encoding = rows[0]!.server_encoding === "SQL_ASCII" ? "SQL_ASCII" : "UTF8";
    await session.query(`SET client_encoding = ${encoding}`);
    return {
      schema: await schemaOf(server, database, encoding),
      rows: await rowsOf(session),
      sequences: await sequencesOf(session),
      largeObjects: await largeObjectsOf(session),
      database: await propertiesOf(session),
    };
  } finally {
    await session.end();
  }
}

async function schemaOf(server: Server, database: string, encoding: string): Promise<string[]> {
  const connection = `dbname='${database.replace(/[\\']/g, "\\$&")}'`;
  const words = ["--schema-only", `--encoding=${encoding}`, "-d", connection];
  const text = await server.pgDump(options(server.major), words);
  return (
    text
      // psql's key is a new one in each dump.
      .replace(/^\\(un)?restrict .*$/gm, "")
      .split(/^--\n(?=-- )/m)
      .map((entry) => entry.trim())
  );
}

const OURS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

export async function rowsOf(session: Client): Promise<Record<string, string>> {
  const { rows } = await session.query<{ schema: string; name: string; populated: boolean }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relispopulated AS populated
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND ${OURS}`,
  );
  const found: Record<string, string> = {};
  for (const { schema, name, populated } of rows) {
    const table = `${quoted(schema)}.${quoted(name)}`;
    found[table] = populated ? await sumOf(session, table) : "never filled";
  }
  return found;
}

/** Rows have no order: a materialized view that is filled again may have another one. */
async function sumOf(session: Client, table: string): Promise<string> {
  const chunks: Buffer[] = [];
  const stream = session.query(copyTo(`COPY (SELECT * FROM ONLY ${table}) TO STDOUT`));
  await pipeline(stream, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) chunks.push(chunk);
  });
  const lines = Buffer.concat(chunks).toString("latin1").split("\n").slice(0, -1).sort();
  return `${lines.length} ${createHash("sha256").update(lines.join("\n"), "latin1").digest("hex").slice(0, 16)}`;
}

/** A standby knows no value of an unlogged sequence: it has to begin at its start again. */
export async function sequencesOf(session: Client): Promise<Record<string, string>> {
  const { rows } = await session.query<{ schema: string; name: string; start: string | null }>(
    `SELECT n.nspname AS schema, c.relname AS name,
            CASE WHEN c.relpersistence = 'u' AND pg_is_in_recovery() THEN s.seqstart::text END AS start
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid
      WHERE ${OURS}`,
  );
  const found: Record<string, string> = {};
  for (const { schema, name, start } of rows) {
    const sequence = `${quoted(schema)}.${quoted(name)}`;
    const value = await session.query<{ value: string }>(
      `SELECT last_value || CASE WHEN is_called THEN ' called' ELSE '' END AS value
         FROM ${start === null ? sequence : `(SELECT ${start} AS last_value, false AS is_called) s`}`,
    );
    found[sequence] = value.rows[0]!.value;
  }
  return found;
}

async function largeObjectsOf(session: Client): Promise<Record<string, string>> {
  const { rows } = await session.query<{ oid: string; content: string }>(
    `SELECT oid::text, concat_ws(' ', pg_get_userbyid(lomowner), md5(lo_get(oid)),
              (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(coalesce(lomacl, acldefault('L', lomowner))) a)::text,
              obj_description(oid, 'pg_largeobject')) AS content
       FROM pg_largeobject_metadata`,
  );
  return Object.fromEntries(rows.map(({ oid, content }) => [oid, content]));
}

/** What differs between any two databases of a server. */
const ITS_OWN = ["oid", "datname", "datfrozenxid", "datminmxid", "datlastsysoid"];

async function propertiesOf(session: Client): Promise<Record<string, unknown>> {
  const { rows } = await session.query<{ row: Record<string, unknown> }>(
    `SELECT to_jsonb(d) || jsonb_build_object(
              'datdba', pg_get_userbyid(datdba),
              'dattablespace', (SELECT spcname FROM pg_tablespace t WHERE t.oid = dattablespace),
              'datacl', (SELECT jsonb_agg(a::text ORDER BY a::text) FROM unnest(coalesce(datacl, acldefault('d', datdba))) a),
              'comment', shobj_description(d.oid, 'pg_database'),
              'settings', (SELECT jsonb_agg(jsonb_build_array(coalesce(pg_get_userbyid(nullif(setrole, 0)), ''), setconfig) ORDER BY setrole)
                             FROM pg_db_role_setting WHERE setdatabase = d.oid)) AS row
       FROM pg_database d WHERE datname = current_database()`,
  );
  const row = rows[0]!.row;
  for (const column of ITS_OWN) delete row[column];
  return row;
}

/** A line for everything that is not the same. Empty: the databases are equal. */
export function differences(before: State, after: State): string[] {
  const found: string[] = [];
  const lost = before.schema.filter((entry) => !after.schema.includes(entry));
  const gained = after.schema.filter((entry) => !before.schema.includes(entry));
  found.push(...lost.map((entry) => `lost: ${entry}`), ...gained.map((entry) => `new: ${entry}`));
  if (found.length === 0 && before.schema.join("\n") !== after.schema.join("\n"))
    found.push("the schema has another order");
  for (const part of ["rows", "sequences", "largeObjects", "database"] as const) {
    for (const key of new Set([...Object.keys(before[part]), ...Object.keys(after[part])])) {
      const [was, is] = [before[part][key], after[part][key]].map((value) => JSON.stringify(value));
      if (was !== is) found.push(`${part}: ${key} is ${is} and was ${was}`);
    }
  }
  return found;
}
