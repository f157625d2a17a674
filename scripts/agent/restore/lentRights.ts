import type { Client } from "pg";
import { Failure } from "../kit/failure";
import { lend, onSchemas, onServers, onTables, onTablespaces, takeBack } from "./grants";
import { lendTables } from "./lentTables";
import type { Part } from "./parts";
import type { Entry } from "../dump/toc";
import { quoted } from "../../../contract/quoting";

/** The superuser's sessions: in the database that is restored, and in another one. */
export interface Sessions {
  inside: Client;
  /** Tablespaces are of the whole server. What it did is taken back also after a failure. */
  outside: Client;
}

/** What makes rows only reads a schema. The others also make something in it. */
const makesRows = ({ section, kind }: Entry) =>
  section === "data" || kind === "MATERIALIZED VIEW DATA";

/** What `callablesIn` counts. */
export const CALLABLES: ReadonlySet<string> = new Set([
  ...["FUNCTION", "PROCEDURE", "AGGREGATE", "OPERATOR"],
]);

/**
 * Gives an owner what it lacks for its part: schemas of other owners, tablespaces, tables of others
 * that its foreign keys refer to, and those that its tables inherit from. The dump's own rights come
 * at the end, so by then there are none. What is returned takes everything back and leaves no trace.
 */
export async function lendRights(
  { inside, outside }: Sessions,
  grantee: string,
  { stage, entries, refersTo, inherits }: Part,
  withTablespaces: boolean,
): Promise<() => Promise<void>> {
  const makesIn = entries.filter((entry) => !makesRows(entry)).map(({ schema }) => schema);
  const spaces = withTablespaces ? entries.map(({ tablespace }) => tablespace) : [];
  const rights = [
    ...(await onSchemas(inside, grantee, makesIn)),
    ...(stage === "define" ? await onServers(inside, grantee) : []),
    ...(refersTo.length > 0 ? await onTables(inside, grantee, refersTo) : []),
  ];
  const spaceRights = spaces.some(Boolean) ? await onTablespaces(outside, grantee, spaces) : [];
  const lentSchemas = rights.flatMap(({ schema }) => (schema === undefined ? [] : [schema]));
  // Only a part that is tried again has any, and nothing else is in that part.
  const callables = (schema: string) =>
    entries.filter((entry) => CALLABLES.has(entry.kind) && entry.schema === schema).length;
  const before = await callablesIn(inside, lentSchemas);
  const takeTablesBack = await lendTables(inside, grantee, inherits);
  await lend(inside, grantee, rights);
  await lend(outside, grantee, spaceRights);
  return async () => {
    // That of the whole server first: when the other fails, the database is dropped.
    await takeBack(outside, grantee, spaceRights);
    await takeBack(inside, grantee, rights);
    await takeTablesBack();
    const after = await callablesIn(inside, lentSchemas);
    const changed = lentSchemas.find((schema) => {
      const more = Number(after.get(schema) ?? -1) - Number(before.get(schema));
      return more < 0 || more > callables(schema);
    });
    if (changed === undefined) return;
    throw new Failure(
      `Code of ${quoted(grantee)} in the dump made a function or an operator in the schema ${quoted(changed)}, in which it may create nothing.`,
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
