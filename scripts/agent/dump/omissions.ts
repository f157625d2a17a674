import type { ClientBase } from "pg";
import type { DumpRole } from "../../../contract/agentConfig";
import type { Omission } from "../../../contract/manifest";
import type { CatalogTable } from "./contents";
import { omittedObjects } from "./omittedObjects";
import type { Source } from "./source";

const unlogged =
  "it is unlogged, and a standby has no data of unlogged tables and sequences: with laterbase:dumps.source primary it is dumped";

/** Whether the rows of a table are in the dump. Those of the others are omissions. */
export function holdsRows(table: CatalogTable, inRecovery: boolean): boolean {
  return reason(table, inRecovery) === undefined;
}

/** What a dump cannot hold, and why. Nothing is missing without a word. */
export async function omissionsOf(
  client: ClientBase,
  tables: readonly CatalogTable[],
  { superuser }: DumpRole,
  { inRecovery, passwords }: Pick<Source, "inRecovery" | "passwords">,
): Promise<Omission[]> {
  const found: Omission[] = [];
  for (const table of tables) {
    const why = reason(table, inRecovery);
    if (why) found.push({ what: `rows of ${table.schema}.${table.name}`, why });
  }
  if (inRecovery) {
    const sequences = await unloggedSequences(client);
    found.push(...sequences.map((what) => ({ what, why: unlogged })));
  }
  found.push(...(await omittedObjects(client, { superuser })));
  if (!superuser) found.push(...(await onlyForSuperusers(client)));
  if (!passwords) found.push({ what: "the roles' passwords", why: "the role may not read them" });
  return found;
}

function reason(table: CatalogTable, inRecovery: boolean): string | undefined {
  if (table.kind === "foreign table") return "it is a foreign table: another server has its rows";
  if (table.extension !== null) {
    return `the extension ${table.extension} makes it, and only rows that it marks as configuration are dumped`;
  }
  return table.unlogged && inRecovery ? unlogged : undefined;
}

async function unloggedSequences(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ what: string }>(`
    SELECT pg_catalog.format('the last value of %s.%s', n.nspname, c.relname) AS what
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'S' AND c.relpersistence = 'u' ORDER BY 1`);
  return rows.map(({ what }) => what);
}

async function onlyForSuperusers(client: ClientBase): Promise<Omission[]> {
  const { rows } = await client.query<Omission>(`
    SELECT pg_catalog.format('the subscription %s', subname) AS what,
           'only a superuser may dump its connection' AS why
      FROM pg_catalog.pg_subscription
     WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    UNION ALL
    SELECT pg_catalog.format('the options of the mapping of %s to the foreign server %s',
                  CASE umuser WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(umuser) END, srvname),
           'only the user itself, the server''s owner or a superuser may read them'
      FROM pg_catalog.pg_user_mapping JOIN pg_catalog.pg_foreign_server s ON s.oid = umserver
     WHERE umoptions IS NOT NULL
    ORDER BY 1`);
  return rows;
}
