import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { elapsed } from "../kit/clock";
import type { Context } from "../kit/context";
import { codeOf, Failure } from "../kit/failure";
import { type SessionOptions, withSession } from "../kit/session";
import { maintenanceDatabases } from "../../../contract/maintenanceDatabases";
import type { Server } from "../../../contract/agentConfig";
import type { Manifest } from "../../../contract/manifest";
import { quoted } from "../../../contract/quoting";
import { restoreRoleName } from "../../../contract/names";
import { unfinishedRestoreComment } from "../../../contract/unfinishedRestore";

/** How long a standby may take to replay what the primary had committed when a dump began. */
const CATCH_UP_MS = 15_000;

/** The server that a dump reads from. */
export interface Source {
  described: Manifest["source"];
  inRecovery: boolean;
  /** Whether the role may read the passwords of roles. */
  passwords: boolean;
}

/** Describes a server, inside the snapshot's transaction. */
export async function describeSource(client: Client, server: Server): Promise<Source> {
  const { rows } = await client.query<Record<string, string | null>>(`
    SELECT pg_catalog.pg_is_in_recovery()::text AS recovery, pg_catalog.current_setting('server_version') AS version,
           pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')::text AS passwords,
           (SELECT system_identifier FROM pg_catalog.pg_control_system())::text AS identifier,
           CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()::text END AS lsn,
           CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.to_char(pg_catalog.pg_last_xact_replay_timestamp()
             AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END AS replayed`);
  const row = rows[0] ?? {};
  const inRecovery = row["recovery"] === "true";
  if (server.name === "standby" && !inRecovery) {
    throw new Failure("It is not a standby any more: it was promoted.");
  }
  return {
    inRecovery,
    passwords: row["passwords"] === "true",
    described: {
      server: server.name,
      version: row["version"]?.split(" ")[0] ?? "",
      systemIdentifier: row["identifier"] ?? "",
      ...(row["lsn"] ? { replayedTo: row["lsn"] } : {}),
      ...(row["replayed"] ? { replayedAt: row["replayed"] } : {}),
    },
  };
}

/** Why a database that a restore still fills, or was killed while it did, is no data. */
export const unfinished = "a restore of it is not finished, or was interrupted";

/**
 * Refuses the connected database while a restore fills it. With `--name-first` it has its name already, and a
 * dump of half of it would replace a good one. Until a restore ends, a superuser or its role owns the database.
 */
export async function refuseUnfinished(
  client: Pick<Client, "query">,
  stack: string,
  database: string,
): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
      WHERE d.datname = pg_catalog.current_database() AND (r.rolsuper OR r.rolname = $2)
        AND pg_catalog.starts_with(pg_catalog.shobj_description(d.oid, 'pg_database'), $1)`,
    [unfinishedRestoreComment(stack), restoreRoleName(stack)],
  );
  if (rowCount) throw new Failure(`${quoted(database)} is not dumped, because ${unfinished}.`);
}

/** Whether PostgreSQL says that the database does not exist (invalid_catalog_name). */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "3D000";
}

/** Why a role cannot dump a database that lets others in only. */
export function mayNotConnect(role: string): string {
  return `the role ${role} may not connect to it, and \`up\` grants that`;
}

/** Whether an error is a database's that does not let the role in, which `up` grants. */
export async function isRefused(
  context: Context,
  server: Server,
  { database, ...options }: SessionOptions,
  error: unknown,
): Promise<boolean> {
  if (codeOf(error) !== "42501") return false;
  // Something else in the database may have been refused, so the server is asked.
  for (const where of maintenanceDatabases) {
    const may = await withSession(context, server, { ...options, database: where }, (client) =>
      client.query<{ may: boolean }>(
        `SELECT pg_catalog.has_database_privilege(oid, 'CONNECT') AS may
           FROM pg_catalog.pg_database WHERE datname = $1`,
        [database],
      ),
    ).catch(() => undefined);
    if (may) return may.rows[0]?.may === false;
  }
  return false;
}

/** A database that is configured and does not exist. */
export function noSuchDatabase(database: string, server: Server["name"]): Failure {
  return new Failure(
    `Database ${quoted(database)} does not exist on the ${server}: correct laterbase:dumps.databases.`,
    // A standby may be behind: then the primary has it.
    server === "primary" ? "not-on-primary" : undefined,
  );
}

/**
 * Waits until the standby has replayed what the primary has committed by now.
 *
 * @returns why the standby is not a good source, or undefined. When the primary does not answer
 * nothing can be compared, and the standby is the best source there is.
 */
export async function lagOf(
  context: Context,
  standby: Server,
  options: SessionOptions,
): Promise<string | undefined> {
  const written = await writtenBy(context, options);
  if (written === undefined) return undefined;
  return withSession(context, standby, options, async (client) => {
    // Not retry: a standby that stays behind is an answer, and a failing query must not be repeated.
    for (const end = elapsed() + CATCH_UP_MS; ; await sleep(250, undefined, options)) {
      const { rows } = await client.query<{ behind: string }>(
        "SELECT pg_catalog.pg_wal_lsn_diff($1, pg_catalog.pg_last_wal_replay_lsn())::text AS behind",
        [written],
      );
      const behind = Number(rows[0]?.behind ?? 0);
      if (behind <= 0) return undefined;
      if (elapsed() > end) {
        return `It is ${(behind / 1e6).toFixed(1)} MB of WAL behind the primary.`;
      }
    }
  });
}

async function writtenBy(context: Context, options: SessionOptions): Promise<string | undefined> {
  const { primary } = context.config;
  try {
    return await withSession(context, primary, options, async (client) => {
      const { rows } = await client.query<{ lsn: string }>(
        "SELECT pg_catalog.pg_current_wal_lsn()::text AS lsn",
      );
      return rows[0]?.lsn;
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isMissing(error)) throw noSuchDatabase(options.database, "primary");
    return undefined;
  }
}
