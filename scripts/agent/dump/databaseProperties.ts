import type { ClientBase } from "pg";
import type { DatabaseProperties } from "../../../contract/manifest";

/** The columns where PostgreSQL 15 to 17 keep the locale of ICU or of the builtin provider. */
function localeColumns(major: number): string {
  if (major >= 17) return 'd.datlocprovider::text AS "localeProvider", d.datlocale AS locale';
  if (major >= 15) return 'd.datlocprovider::text AS "localeProvider", d.daticulocale AS locale';
  return "'c'::text AS \"localeProvider\", NULL::text AS locale";
}

/** The properties of the connected database that pg_restore gives to no database of another name. */
export async function databaseProperties(
  client: ClientBase,
  major: number,
): Promise<DatabaseProperties> {
  const { rows } = await client.query<DatabaseProperties>(`
    SELECT d.datname AS name, pg_catalog.pg_get_userbyid(d.datdba) AS owner,
           pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
           ${localeColumns(major)}, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
           d.datconnlimit AS "connectionLimit",
           CASE WHEN d.datacl IS NULL THEN NULL ELSE coalesce((
             SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                      'grantee', CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
                      'grantor', pg_catalog.pg_get_userbyid(a.grantor),
                      'privilege', a.privilege_type, 'grantable', a.is_grantable))
               FROM pg_catalog.aclexplode(d.datacl) a), '[]') END AS privileges,
           coalesce((
             SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                      'role', CASE s.setrole WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(s.setrole) END,
                      'name', pg_catalog.split_part(entry, '=', 1),
                      'value', pg_catalog.substr(entry, pg_catalog.strpos(entry, '=') + 1)) ORDER BY s.setrole, place)
               FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS u(entry, place)
              WHERE s.setdatabase = d.oid), '[]') AS settings
      FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`);
  const [properties] = rows;
  if (!properties) throw new Error("pg_database does not hold the connected database");
  return properties;
}
