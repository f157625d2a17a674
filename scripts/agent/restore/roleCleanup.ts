import { type Client, escapeIdentifier as name } from "pg";
import { Failure } from "../kit/failure";
import { retry } from "../kit/retry";
import { quoted } from "../../../contract/quoting";

const patienceMs = 10_000;

/** The database is the superuser's, and only the role may connect: its owner may let others in. */
export async function takeDatabaseBack(
  client: Client,
  role: string,
  database: string,
): Promise<void> {
  await client.query(`ALTER DATABASE ${name(database)} OWNER TO CURRENT_USER`);
  const { rows } = await client.query<{ grantee: string | null }>(
    `SELECT DISTINCT CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END AS grantee
       FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a WHERE d.datname = $1
        AND a.grantee <> d.datdba`,
    [database],
  );
  for (const { grantee } of rows) {
    const whom = grantee === null ? "PUBLIC" : name(grantee);
    await client.query(`REVOKE ALL ON DATABASE ${name(database)} FROM ${whom} CASCADE`);
  }
  await client.query(`GRANT TEMPORARY ON DATABASE ${name(database)} TO PUBLIC`);
  await client.query(`GRANT CONNECT ON DATABASE ${name(database)} TO ${name(role)}`);
}

/** Ends the role's sessions, and in the database those of everybody but superusers. */
export async function endSessions(client: Client, role: string, database: string): Promise<void> {
  await retry(
    async () => {
      const { rowCount } = await client.query(
        `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
          WHERE usename = $1 OR (datname = $2 AND backend_type = 'client backend'
            AND usesysid IN (SELECT oid FROM pg_catalog.pg_roles WHERE NOT rolsuper))`,
        [role, database],
      );
      if (rowCount) throw new Failure("The sessions of the restore do not end.");
    },
    { every: 10, within: patienceMs },
  );
}

/** Drops the role with all that it owns or was granted, in every database. */
export async function removeRole(
  client: Client,
  role: string,
  connect: (database: string) => Promise<Client>,
): Promise<void> {
  await client.query(`ALTER ROLE ${name(role)} NOLOGIN`);
  await client.query(
    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = $1",
    [role],
  );
  const owned = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.pg_get_userbyid(datdba) = $1",
    [role],
  );
  for (const { datname } of owned.rows) {
    await client.query(`ALTER DATABASE ${name(datname)} OWNER TO CURRENT_USER`);
  }
  const { rows } = await client.query<{ datname: string }>(
    `SELECT DISTINCT d.datname FROM pg_catalog.pg_shdepend s
       JOIN pg_catalog.pg_roles r ON s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = r.oid
       JOIN pg_catalog.pg_database d ON d.oid = s.dbid WHERE r.rolname = $1 AND d.datallowconn`,
    [role],
  );
  for (const { datname } of rows) {
    const session = await connect(datname);
    await session.query(`DROP OWNED BY ${name(role)} CASCADE`);
    await session.end();
  }
  // Rights on databases and tablespaces are in no database.
  await client.query(`DROP OWNED BY ${name(role)} CASCADE`);
  await client.query(`DROP ROLE ${name(role)}`);
}

/** Removes the role that a killed agent of this stack left. Another role of this name is refused. */
export async function removeOldRole(
  client: Client,
  role: string,
  connect: (database: string) => Promise<Client>,
  stack: string,
): Promise<void> {
  const { rows } = await client.query<{ comment: string | null }>(
    "SELECT pg_catalog.shobj_description(oid, 'pg_authid') AS comment FROM pg_catalog.pg_roles WHERE rolname = $1",
    [role],
  );
  const [old] = rows;
  if (!old) return;
  if (old.comment !== roleComment(stack)) {
    throw new Failure(
      `The primary has a role ${quoted(role)}, which a restore of this stack did not make: rename it, because a restore needs that name.`,
    );
  }
  await removeRole(client, role, connect);
}

/** How the role is known again. */
export function roleComment(stack: string): string {
  return `laterbase ${stack}: of a restore`;
}
