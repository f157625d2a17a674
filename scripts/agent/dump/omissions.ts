import type { ClientBase } from "pg";
import type { CatalogTable } from "./contents";
import type { DumpRole } from "../../../contract/agentConfig";
import type { Manifest } from "../../../contract/manifest";

type LeftOut = Manifest["leftOut"];

/** A table whose rows are in the dump; the others stand in `leftOut`. */
export function holdsRows(table: CatalogTable, inRecovery: boolean): boolean {
  return reason(table, inRecovery) === undefined;
}

/** What a dump cannot hold, and why: nothing is missing in silence. */
export async function leftOut(
  client: ClientBase,
  tables: readonly CatalogTable[],
  { superuser }: DumpRole,
  inRecovery: boolean,
): Promise<LeftOut> {
  const found: LeftOut = [];
  for (const table of tables) {
    const why = reason(table, inRecovery);
    if (why) found.push({ what: `rows of ${table.schema}.${table.name}`, why });
  }
  if (inRecovery) {
    const why = "it is unlogged, and a standby has nothing of what is unlogged";
    found.push(...(await unloggedSequences(client)).map((name) => ({ what: name, why })));
  }
  if (superuser) return found;
  return [...found, ...(await onlyForSuperusers(client))];
}

function reason(table: CatalogTable, inRecovery: boolean): string | undefined {
  if (table.kind === "foreign table") return "it is a foreign table: its rows are another server's";
  if (table.extension !== null) {
    return `the extension ${table.extension} makes it, and only rows that it marks as configuration are dumped`;
  }
  if (table.unlogged && inRecovery)
    return "it is unlogged, and a standby has nothing of what is unlogged";
  return undefined;
}

async function unloggedSequences(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ what: string }>(`
    SELECT format('the last value of %s.%s', n.nspname, c.relname) AS what
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'S' AND c.relpersistence = 'u' ORDER BY 1`);
  return rows.map(({ what }) => what);
}

async function onlyForSuperusers(client: ClientBase): Promise<LeftOut> {
  const { rows } = await client.query<LeftOut[number]>(`
    SELECT format('the subscription %s', subname) AS what,
           'only a superuser may dump what it connects with' AS why
      FROM pg_subscription
     WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL
    SELECT format('the options of the mapping of %s to the foreign server %s',
                  CASE umuser WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(umuser) END, srvname),
           'only the user itself, the server''s owner or a superuser may read them'
      FROM pg_user_mapping JOIN pg_foreign_server s ON s.oid = umserver
     WHERE umoptions IS NOT NULL
    ORDER BY 1`);
  return rows;
}
