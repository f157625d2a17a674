import { type Client, escapeIdentifier as name, escapeLiteral as literal } from "pg";
import type { Part } from "./parts";

/** A right that a role gets for one part of a restore. */
export interface Right {
  /** In which it lets its holder create. */
  schema?: string;
  words: string;
  on: string;
  /** A statement that makes the list of rights be absent again, as it was. */
  forget?: string;
}

/** Grants rights in one transaction: an owner of many schemas would wait for each of them. */
export async function lend(
  session: Client,
  grantee: string,
  rights: readonly Right[],
): Promise<void> {
  const grants = rights.map(({ words, on }) => `GRANT ${words} ON ${on} TO ${name(grantee)}`);
  if (grants.length > 0) await session.query(grants.join("; "));
}

/** Takes rights back in one transaction. */
export async function takeBack(
  session: Client,
  grantee: string,
  rights: readonly Right[],
): Promise<void> {
  const statements = rights.flatMap(({ words, on, forget }) => [
    `REVOKE ${words} ON ${on} FROM ${name(grantee)}`,
    ...(forget === undefined ? [] : [forget]),
  ]);
  if (statements.length > 0) await session.query(statements.join("; "));
}

/** The use of every schema, and in some the right to create. */
export async function onSchemas(
  session: Client,
  grantee: string,
  makesIn: string[],
): Promise<Right[]> {
  const { rows } = await session.query<{ schema: string; words: string[]; bare: boolean }>(
    `SELECT nspname AS schema, nspacl IS NULL AS bare, array_remove(ARRAY[
              CASE WHEN NOT has_schema_privilege($1, oid, 'USAGE') THEN 'USAGE' END,
              CASE WHEN nspname = ANY ($2) AND NOT has_schema_privilege($1, oid, 'CREATE')
                   THEN 'CREATE' END], NULL) AS words
       FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
    [grantee, makesIn],
  );
  return rightsOf(rows, ({ schema, words }) => ({
    ...(words.includes("CREATE") ? { schema } : {}),
    on: `SCHEMA ${name(schema)}`,
    forget: `UPDATE pg_namespace SET nspacl = NULL WHERE nspname = ${literal(schema)}`,
  }));
}

/** The right to create in tablespaces. */
export async function onTablespaces(
  session: Client,
  grantee: string,
  spaces: string[],
): Promise<Right[]> {
  const { rows } = await session.query<{ space: string; words: string[]; bare: boolean }>(
    `SELECT spcname AS space, spcacl IS NULL AS bare, ARRAY['CREATE'] AS words
       FROM pg_tablespace WHERE spcname = ANY ($2)
        AND NOT has_tablespace_privilege($1, oid, 'CREATE')`,
    [grantee, spaces],
  );
  return rightsOf(rows, ({ space }) => ({
    on: `TABLESPACE ${name(space)}`,
    forget: `UPDATE pg_tablespace SET spcacl = NULL WHERE spcname = ${literal(space)}`,
  }));
}

/** Foreign tables name a server. Only a superuser or who has a right on its wrapper made one. */
export async function onServers(session: Client, grantee: string): Promise<Right[]> {
  const { rows } = await session.query<{ server: string } & Lacking>(
    `SELECT srvname AS server, srvacl IS NULL AS bare, ARRAY['USAGE'] AS words
       FROM pg_foreign_server WHERE NOT has_server_privilege($1, oid, 'USAGE')`,
    [grantee],
  );
  return rightsOf(rows, ({ server }) => ({
    on: `FOREIGN SERVER ${name(server)}`,
    forget: `UPDATE pg_foreign_server SET srvacl = NULL WHERE srvname = ${literal(server)}`,
  }));
}

/**
 * REFERENCES makes the foreign key. With SELECT the rows are compared with the rights of the key's
 * owner; without, PostgreSQL would run casts of that owner with the rights of the other table's.
 */
export async function onTables(
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
  return rightsOf(rows, ({ schema, table }) => ({
    on: `TABLE ${name(schema)}.${name(table)}`,
    forget: `UPDATE pg_class SET relacl = NULL WHERE relname = ${literal(table)}
               AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ${literal(schema)})`,
  }));
}

interface Lacking {
  /** The rights that the role lacks. */
  words: string[];
  /** Whether nobody was ever granted anything on it. */
  bare: boolean;
}

function rightsOf<Row extends Lacking>(
  rows: readonly Row[],
  what: (row: Row) => Pick<Right, "on" | "schema"> & { forget: string },
): Right[] {
  return rows
    .filter(({ words }) => words.length > 0)
    .map((row) => {
      const { forget, ...where } = what(row);
      return { words: row.words.join(", "), ...where, ...(row.bare ? { forget } : {}) };
    });
}
