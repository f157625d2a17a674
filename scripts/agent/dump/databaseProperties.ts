import type { ClientBase } from "pg";
import {
  type DatabaseProperties,
  type DatabaseSetting,
  type ValueSetting,
  valueSettings,
} from "../../../contract/manifest";
import type { Server } from "../../../contract/agentConfig";
import { storeSetting } from "../kit/settingValue";
import type { Context } from "../kit/context";
import { type SessionOptions, withSession } from "../kit/session";

/** The columns where PostgreSQL 15 and newer keep more of a locale. */
function localeColumns(major: number): string {
  if (major < 15) {
    return `'c'::text AS "localeProvider", NULL::text AS locale, NULL::text AS "collationVersion", NULL::text AS "icuRules"`;
  }
  return [
    'd.datlocprovider::text AS "localeProvider", d.datcollversion AS "collationVersion"',
    `d.${major >= 17 ? "datlocale" : "daticulocale"} AS locale`,
    `${major >= 16 ? "d.daticurules" : "NULL::text"} AS "icuRules"`,
  ].join(", ");
}

/**
 * The properties of the connected database that pg_restore gives to no database of another name.
 * `databaseCatalog` lists what becomes of each column.
 */
async function databaseProperties(client: ClientBase, major: number): Promise<DatabaseProperties> {
  const { rows } = await client.query<{ bytes: string; converted: DatabaseProperties }>(`
    SELECT pg_catalog.encode(pg_catalog.convert_to(pg_catalog.row_to_json(r)::text,
                                                   pg_catalog.getdatabaseencoding()), 'hex') AS bytes,
           pg_catalog.row_to_json(r) AS converted
      FROM (
    SELECT d.datname AS name, pg_catalog.pg_get_userbyid(d.datdba) AS owner,
           pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
           ${localeColumns(major)}, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
           d.datconnlimit AS "connectionLimit", d.datistemplate AS "isTemplate",
           (SELECT spcname FROM pg_catalog.pg_tablespace t WHERE t.oid = d.dattablespace) AS tablespace,
           (SELECT pg_catalog.json_build_object('owner', pg_catalog.pg_get_userbyid(n.nspowner), 'comment',
                     pg_catalog.obj_description(n.oid, 'pg_namespace'))
              FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public') AS "publicSchema",
           coalesce((
             SELECT pg_catalog.json_agg(pg_catalog.json_build_object('provider', l.provider, 'label', l.label)
                                        ORDER BY l.provider)
               FROM pg_catalog.pg_shseclabel l
              WHERE l.classoid = 'pg_catalog.pg_database'::regclass AND l.objoid = d.oid), '[]') AS "securityLabels",
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
              WHERE s.setdatabase = d.oid), '[]') AS settings,
           pg_catalog.json_build_object('lc_monetary', pg_catalog.current_setting('lc_monetary')) AS "valueSettings"
      FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) r`);
  const [row] = rows;
  if (!row) throw new Error("pg_database does not hold the connected database");
  return asUtf8(row.bytes) ?? row.converted;
}

/**
 * The names of databases and roles belong to the whole server, which converts none of them. So in a LATIN1
 * database, a name that was given in UTF-8 is still UTF-8.
 */
function asUtf8(hex: string): DatabaseProperties | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(hex, "hex"));
    return JSON.parse(text) as DatabaseProperties;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/**
 * The same, with the settings of clients. A standby may have settings of its own, so those are read from a
 * primary only.
 */
export async function propertiesOf(
  context: Context,
  client: ClientBase,
  inRecovery: boolean,
  { server, database, application, signal }: SessionOptions & { server: Server },
): Promise<DatabaseProperties> {
  const properties = await databaseProperties(client, context.config.major);
  if (inRecovery) return properties;
  const where = { database, application, ...(signal ? { signal } : {}) };
  const ofClients = await clientSettings(context, server, where);
  const valueSettings = { ...ofClients, ...properties.valueSettings };
  return { ...properties, valueSettings };
}

/** Not stated, so that the session has what a client's session has. */
const notStated = Object.fromEntries(valueSettings.map((name) => [name, undefined]));

/**
 * The settings on which values depend, as a new session on a primary has them: from the database or
 * from the server, but not from the role that dumps.
 */
async function clientSettings(
  context: Context,
  server: Server,
  options: SessionOptions,
): Promise<Partial<Record<ValueSetting, string>>> {
  const settings = { ...options.settings, ...notStated };
  return withSession(context, server, { ...options, settings }, async (client) => {
    const { rows } = await client.query<{ name: ValueSetting; value: string }>(
      `SELECT name, pg_catalog.current_setting(name) AS value FROM pg_catalog.pg_settings
        WHERE name = ANY ($1) AND source NOT IN ('user', 'database user')`,
      [valueSettings],
    );
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  });
}

/** `ALTER ROLE ALL SET` of the server. pg_dumpall leaves these settings out. */
export async function settingsOfAllRoles(client: ClientBase): Promise<string> {
  const { rows } = await client.query<Omit<DatabaseSetting, "role">>(`
    SELECT pg_catalog.split_part(entry, '=', 1) AS name,
           pg_catalog.substr(entry, pg_catalog.strpos(entry, '=') + 1) AS value
      FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS u(entry, place)
     WHERE s.setdatabase = 0 AND s.setrole = 0 ORDER BY place`);
  return rows
    .flatMap(({ name, value }) => storeSetting("ROLE ALL", name, value))
    .map((statement) => `${statement};\n`)
    .join("");
}
