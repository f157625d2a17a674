import { type Client, escapeIdentifier as name } from "pg";
import {
  maintenanceDatabase,
  maintenanceDatabases,
  spareDatabase,
} from "../../../contract/maintenanceDatabases";
import type { Restored } from "../../../contract/agentReplies";
import { restoreRoleName } from "../../../contract/names";
import { oldDatabaseIs, unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import { codeOf, Failure, sentenceOf, withStop } from "../kit/failure";
import type { Needs } from "./needs";
import type { Login } from "./login";

/** SQLSTATEs: the server has no database "postgres" any more; it accepts no connections. */
const SHUT = ["3D000", "55000"];

/** A session for commands on other databases. A database cannot be renamed from its own session. */
export async function maintenance(login: Login, target: string): Promise<Client> {
  const [first, second] =
    target === maintenanceDatabase
      ? ([spareDatabase, spareDatabase] as const)
      : maintenanceDatabases;
  try {
    return await login.connect(first);
  } catch (error) {
    const closed = SHUT.includes(codeOf(error) ?? "") && first !== second;
    if (closed) return login.connect(second);
    throw new Failure(withStop(`The superuser cannot log in to the primary: ${sentenceOf(error)}`));
  }
}

/**
 * Refuses a login without superuser rights, a standby, and another major version than the dump's.
 *
 * @param newerMajor whether a newer one is accepted
 * @returns the server's major
 */
export async function checkServer(
  client: Client,
  major: number,
  newerMajor = false,
): Promise<number> {
  const { rows } = await client.query<{ major: number; super: boolean; standby: boolean }>(`
    SELECT current_setting('server_version_num')::int / 10000 AS major,
           current_setting('is_superuser')::bool AS super, pg_is_in_recovery() AS standby`);
  const [server] = rows;
  if (!server) throw new Error("the server returned no row");
  if (server.standby)
    throw new Failure("The server is a standby: only a primary can be restored to.");
  if (!server.super) {
    throw new Failure(
      "The login is not a superuser's, so it could not give objects to their owners.",
    );
  }
  if (server.major !== major && !(newerMajor && server.major > major)) {
    throw new Failure(otherMajor(major, server.major));
  }
  return server.major;
}

/** Why a dump of one major is not restored on another one. */
export function otherMajor(dump: number, server: number): string {
  const majors = `The dump was written by PostgreSQL ${dump} and the primary is ${server}`;
  return server > dump
    ? `${majors}: --newer-major restores it there, and docs/dumps.md says what to test afterwards.`
    : `${majors}: restore it on a server of the same major or a newer one, because an older one misreads it.`;
}

/** Whether there is a database of this name. */
export async function exists(client: Client, database: string): Promise<boolean> {
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
  return rowCount !== 0;
}

/** Those of the names that the server does not have. */
export async function missing(
  client: Client,
  { roles, tablespaces }: Needs,
): Promise<{ roles: string[]; tablespaces: string[] }> {
  const { rows } = await client.query<{ roles: string[]; tablespaces: string[] }>(
    `SELECT array(SELECT n FROM unnest($1::text[]) AS n
              WHERE n NOT IN (SELECT rolname FROM pg_roles) ORDER BY n) AS roles,
            array(SELECT n FROM unnest($2::text[]) AS n
              WHERE n NOT IN (SELECT spcname FROM pg_tablespace) ORDER BY n) AS tablespaces`,
    [[...roles], [...tablespaces]],
  );
  return rows[0] ?? { roles: [], tablespaces: [] };
}

/** Creates roles that can own objects and get privileges, and cannot log in. */
export async function createRoles(client: Client, roles: readonly string[]): Promise<void> {
  for (const role of roles) await client.query(`CREATE ROLE ${name(role)} NOLOGIN`);
}

/** Drops these roles again, except those that are in use by now. */
export async function dropRoles(client: Client, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    await client.query(`DROP ROLE IF EXISTS ${name(role)}`).catch(() => undefined);
  }
}

/** Memory for each session that builds indexes. With the default they would sort on disk. */
const INDEX_MEMORY_KB = 256 * 1024;

/**
 * Settings that make a restore fast. A server with more memory for indexes keeps its own value.
 * pg_restore does not wait for its commits to reach the disk. The commits that set the properties of
 * the finished database do wait, and bring everything before them to the disk. Long values and large
 * objects are compressed by lz4 where the server has it and nobody chose another: with pglz, the
 * default, that took a tenth of a restore with large objects.
 */
export async function fastSettings(client: Client): Promise<Settings> {
  const { rows } = await client.query<{ setting: string; superuser: boolean }>(
    `SELECT 'synchronous_commit=off' AS setting, false AS superuser
     UNION ALL
     SELECT format('maintenance_work_mem=%skB', $1::int), false FROM pg_settings
      WHERE name = 'maintenance_work_mem' AND setting::int < $1::int
     UNION ALL
     SELECT 'wal_compression=lz4', true FROM pg_settings
      WHERE name = 'wal_compression' AND setting = 'off' AND 'lz4' = ANY (enumvals)
     UNION ALL
     SELECT 'default_toast_compression=lz4', false FROM pg_settings
      WHERE name = 'default_toast_compression' AND source = 'default' AND 'lz4' = ANY (enumvals)`,
    [INDEX_MEMORY_KB],
  );
  const those = (superuser: boolean) =>
    rows.filter((row) => row.superuser === superuser).map(({ setting }) => setting);
  return { all: those(false), superuser: those(true) };
}

/** Settings for pg_restore's sessions. */
export interface Settings {
  /** Any role may set them. */
  all: string[];
  /** Only a superuser may, for itself or for a role. */
  superuser: string[];
}

/** The roles that are superusers or can become one by their memberships. */
export async function trustedRoles(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ rolname: string }>(
    `SELECT r.rolname FROM pg_catalog.pg_roles r
      WHERE EXISTS (SELECT FROM pg_catalog.pg_roles s
        WHERE s.rolsuper AND pg_catalog.pg_has_role(r.oid, s.oid, 'MEMBER'))`,
  );
  return rows.map(({ rolname }) => rolname);
}

/**
 * Databases that a killed restore left. They are reported, not dropped: somebody may use them. Autovacuum works in
 * what was just filled, and uses nothing. An owner can write our comment on a database too, but until a restore ends
 * its database belongs to a superuser or to the restore's role.
 */
export async function leftovers(client: Client, stack: string): Promise<Restored["leftovers"]> {
  const { rows } = await client.query<{ datname: string; kept: string | null }>(
    `SELECT d.datname, old.datname AS kept
       FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba AND (r.rolsuper OR r.rolname = $3)
      CROSS JOIN LATERAL shobj_description(d.oid, 'pg_database') AS comment
       LEFT JOIN pg_database old ON starts_with(reverse(comment), reverse($2 || old.datname))
      WHERE starts_with(comment, $1)
        AND NOT EXISTS (SELECT FROM pg_stat_activity a
          WHERE a.datname = d.datname AND a.backend_type IS DISTINCT FROM 'autovacuum worker')
      ORDER BY 1`,
    [unfinishedRestoreComment(stack), oldDatabaseIs, restoreRoleName(stack)],
  );
  return rows.map(({ datname, kept }) => ({
    database: datname,
    statements: [
      `DROP DATABASE ${name(datname)}`,
      // It had the name before the half-made one was filled.
      ...(kept === null ? [] : [`ALTER DATABASE ${name(kept)} RENAME TO ${name(datname)}`]),
    ],
  }));
}
