import { type Client, escapeIdentifier as name } from "pg";
import { Failure } from "../kit/failure";
import type { Part } from "./parts";

/** The superuser's sessions: in the database that is restored, and in another one. */
export interface Sessions {
  inside: Client;
  /** Tablespaces are of the whole server. What it did is taken back also after a failure. */
  outside: Client;
}

/** A right that a role gets for one part of a restore. */
interface Right {
  session: Client;
  /** In which it lets its holder create. */
  schema?: string;
  words: string;
  on: string;
  /** What makes the list of rights be absent again, as it was. */
  forget?: { statement: string; values: string[] };
}

/** What makes rows or indexes only reads a schema. The others also make something in it. */
const MAKES_NOTHING = new Set(["load", "refresh"]);

/** What `callablesIn` counts. */
export const CALLABLES: ReadonlySet<string> = new Set([
  ...["FUNCTION", "PROCEDURE", "AGGREGATE", "OPERATOR"],
]);

/**
 * Gives an owner what it lacks for its part: schemas of other owners, tablespaces, and tables of
 * others that its foreign keys refer to. The dump's own rights come at the end, so by then there are
 * none. What is returned takes everything back and leaves no trace.
 */
export async function lendRights(
  { inside, outside }: Sessions,
  grantee: string,
  { stage, entries, refersTo }: Part,
  withTablespaces: boolean,
): Promise<() => Promise<void>> {
  const makesIn = MAKES_NOTHING.has(stage) ? [] : entries.map(({ schema }) => schema);
  const spaces = withTablespaces ? entries.map(({ tablespace }) => tablespace) : [];
  const rights = [
    ...(await onSchemas(inside, grantee, makesIn)),
    ...(await onTablespaces(outside, grantee, spaces)),
    ...(await onServers(inside, grantee, stage === "define")),
    ...(await onTables(inside, grantee, refersTo)),
  ];
  const lentSchemas = rights.flatMap(({ schema }) => (schema === undefined ? [] : [schema]));
  // Only a part that is tried again has any, and nothing else is in that part.
  const callables = (schema: string) =>
    entries.filter((entry) => CALLABLES.has(entry.kind) && entry.schema === schema).length;
  const before = await callablesIn(inside, lentSchemas);
  for (const { session, words, on } of rights) {
    await session.query(`GRANT ${words} ON ${on} TO ${name(grantee)}`);
  }
  return async () => {
    const failures: unknown[] = [];
    for (const { session, words, on, forget } of rights.reverse()) {
      try {
        await session.query(`REVOKE ${words} ON ${on} FROM ${name(grantee)}`);
        if (forget) await session.query(forget.statement, forget.values);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    const after = await callablesIn(inside, lentSchemas);
    const changed = lentSchemas.find((schema) => {
      const more = Number(after.get(schema) ?? -1) - Number(before.get(schema));
      return more < 0 || more > callables(schema);
    });
    if (changed === undefined) return;
    throw new Failure(
      `Code of "${grantee}" in the dump made a function or an operator in the schema "${changed}", in which it may create nothing.`,
    );
  };
}

/**
 * The number of functions and operators in schemas. No other part of an owner makes one, and one in the
 * schema of another owner could be called instead of the right one.
 */
async function callablesIn(session: Client, schemas: string[]): Promise<Map<string, string>> {
  if (schemas.length === 0) return new Map();
  const { rows } = await session.query<{ schema: string; number: string }>(
    `SELECT nspname AS schema, ((SELECT count(*) FROM pg_proc WHERE pronamespace = n.oid)
            + (SELECT count(*) FROM pg_operator WHERE oprnamespace = n.oid))::text AS number
       FROM pg_namespace n WHERE nspname = ANY ($1)`,
    [schemas],
  );
  return new Map(rows.map(({ schema, number }) => [schema, number]));
}

async function onSchemas(session: Client, grantee: string, makesIn: string[]): Promise<Right[]> {
  const { rows } = await session.query<{ schema: string; words: string[]; bare: boolean }>(
    `SELECT nspname AS schema, nspacl IS NULL AS bare, array_remove(ARRAY[
              CASE WHEN NOT has_schema_privilege($1, oid, 'USAGE') THEN 'USAGE' END,
              CASE WHEN nspname = ANY ($2) AND NOT has_schema_privilege($1, oid, 'CREATE')
                   THEN 'CREATE' END], NULL) AS words
       FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
    [grantee, makesIn],
  );
  return rightsOf(session, rows, ({ schema, words }) => ({
    ...(words.includes("CREATE") ? { schema } : {}),
    on: `SCHEMA ${name(schema)}`,
    forget: "UPDATE pg_namespace SET nspacl = NULL WHERE nspname = $1",
    values: [schema],
  }));
}

async function onTablespaces(session: Client, grantee: string, spaces: string[]): Promise<Right[]> {
  const { rows } = await session.query<{ space: string; words: string[]; bare: boolean }>(
    `SELECT spcname AS space, spcacl IS NULL AS bare, ARRAY['CREATE'] AS words
       FROM pg_tablespace WHERE spcname = ANY ($2)
        AND NOT has_tablespace_privilege($1, oid, 'CREATE')`,
    [grantee, spaces],
  );
  return rightsOf(session, rows, ({ space }) => ({
    on: `TABLESPACE ${name(space)}`,
    forget: "UPDATE pg_tablespace SET spcacl = NULL WHERE spcname = $1",
    values: [space],
  }));
}

/** Foreign tables name a server. Only a superuser or who has a right on its wrapper made one. */
async function onServers(session: Client, grantee: string, defines: boolean): Promise<Right[]> {
  const { rows } = await session.query<{ server: string } & Lacking>(
    `SELECT srvname AS server, srvacl IS NULL AS bare, ARRAY['USAGE'] AS words
       FROM pg_foreign_server WHERE $2 AND NOT has_server_privilege($1, oid, 'USAGE')`,
    [grantee, defines],
  );
  return rightsOf(session, rows, ({ server }) => ({
    on: `FOREIGN SERVER ${name(server)}`,
    forget: "UPDATE pg_foreign_server SET srvacl = NULL WHERE srvname = $1",
    values: [server],
  }));
}

/**
 * REFERENCES makes the foreign key. With SELECT the rows are compared with the rights of the key's
 * owner; without, PostgreSQL would run casts of that owner with the rights of the other table's.
 */
async function onTables(
  session: Client,
  grantee: string,
  tables: Part["refersTo"],
): Promise<Right[]> {
  const { rows } = await session.query<Record<"schema" | "table", string> & Lacking>(
    `SELECT DISTINCT nspname AS schema, relname AS table, relacl IS NULL AS bare, array_remove(ARRAY[
              CASE WHEN NOT has_table_privilege($1, c.oid, 'SELECT') THEN 'SELECT' END,
              CASE WHEN NOT has_table_privilege($1, c.oid, 'REFERENCES') THEN 'REFERENCES' END],
              NULL) AS words
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN json_to_recordset($2) AS t(schema text, name text)
         ON t.schema = nspname AND t.name = relname`,
    [grantee, JSON.stringify(tables)],
  );
  return rightsOf(session, rows, ({ schema, table }) => ({
    on: `TABLE ${name(schema)}.${name(table)}`,
    forget: `UPDATE pg_class SET relacl = NULL WHERE relname = $2
               AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)`,
    values: [schema, table],
  }));
}

interface Lacking {
  /** The rights that the role lacks. */
  words: string[];
  /** Whether nobody was ever granted anything on it. */
  bare: boolean;
}

function rightsOf<Row extends Lacking>(
  session: Client,
  rows: readonly Row[],
  what: (row: Row) => Pick<Right, "on" | "schema"> & { forget: string; values: string[] },
): Right[] {
  return rows
    .filter(({ words }) => words.length > 0)
    .map((row) => {
      const { forget, values, ...where } = what(row);
      const right = { session, words: row.words.join(", "), ...where };
      return row.bare ? { ...right, forget: { statement: forget, values } } : right;
    });
}
