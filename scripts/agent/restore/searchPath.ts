import type { Client } from "pg";
import type { DatabaseProperties } from "../../../contract/manifest";

/**
 * The search_path that an owner has in the dumped database. PostgreSQL takes the first that is there:
 * that of the role in the database, of the role, of the database, of the server.
 *
 * @param session a superuser's, on the server that is restored to
 */
export async function searchPathOf(
  session: Client,
  owner: string,
  settings: DatabaseProperties["settings"],
): Promise<string> {
  const inDump = (role: string | null) =>
    settings.find((one) => one.name === "search_path" && one.role === role)?.value;
  const { rows } = await session.query<{ role: string | null; server: string | null }>(
    `SELECT (SELECT substr(c, 13) FROM pg_db_role_setting s, unnest(s.setconfig) c
              WHERE s.setdatabase = 0 AND starts_with(c, 'search_path=')
                AND s.setrole = (SELECT oid FROM pg_roles WHERE rolname = $1)) AS role,
            (SELECT setting FROM pg_file_settings
              WHERE name = 'search_path' AND applied ORDER BY seqno DESC LIMIT 1) AS server`,
    [owner],
  );
  const [{ role, server } = { role: null, server: null }] = rows;
  return inDump(owner) ?? role ?? inDump(null) ?? server ?? '"$user", public';
}

/**
 * Whether a session's search_path finds only what superusers made. Then a superuser's own object can be
 * made under it, and runs nobody else's code.
 */
export async function holdsNothingOfOthers(
  session: Client,
  trusted: readonly string[],
): Promise<boolean> {
  const { rows } = await session.query<{ others: boolean }>(
    `SELECT pg_catalog.bool_or(o.owner <> ALL (
              SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::pg_catalog.text[]))) AS others
       FROM (SELECT pronamespace AS schema, proowner AS owner FROM pg_catalog.pg_proc
             UNION ALL SELECT oprnamespace, oprowner FROM pg_catalog.pg_operator
             UNION ALL SELECT typnamespace, typowner FROM pg_catalog.pg_type
             UNION ALL SELECT relnamespace, relowner FROM pg_catalog.pg_class) o
       JOIN pg_catalog.pg_namespace n ON n.oid = o.schema
      WHERE n.nspname = ANY (pg_catalog.current_schemas(false))`,
    [trusted],
  );
  return rows[0]?.others !== true;
}
