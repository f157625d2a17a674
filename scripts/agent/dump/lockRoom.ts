import type { ClientBase } from "pg";
import type { Server } from "../../../contract/agentConfig";
import { Failure } from "../kit/failure";

/** What a server has for locks, and what a dump and others take of it. */
export interface LockRoom {
  /** `max_locks_per_transaction`. */
  each: number;
  /** How many processes and prepared transactions the server has room for. */
  processes: number;
  /** The tables that pg_dump locks, all of them until it ends. */
  tables: number;
  /** The locks that others hold in the shared table at this moment. */
  others: number;
}

/** What pg_dump and our sessions lock beside the tables. */
const BESIDE = 150;
/**
 * The shared table holds `each` locks for each process, and as many as the server's spare memory allows on
 * top: a half more by measurement, on 13 to 17. So after this share of it, clients still find room.
 */
const SHARE = 1.25;
/** The default value. A value that is named is a multiple of it. */
const STEP = 64;

/**
 * What stands in the way of a dump, in one sentence. Undefined: there is room. A server whose lock table is
 * full gives all its clients the error 53200.
 */
export function lockProblem(
  { each, processes, tables, others }: LockRoom,
  server: Server["name"],
): string | undefined {
  const needed = tables + others + BESIDE;
  if (needed <= each * processes * SHARE) return undefined;
  const wanted = Math.ceil(needed / processes / STEP) * STEP;
  const where =
    server === "standby" ? "on the primary, restart it, then the standby" : "on it and restart it";
  return (
    `pg_dump has to lock ${tables} tables at the same time, and the ${server} would have no room left for the locks of its clients: ` +
    `set max_locks_per_transaction to at least ${wanted} ${where} (it is ${each} now).`
  );
}

/** Refuses a dump that would take the locks of the server's clients, before it takes any. */
export async function checkLockRoom(client: ClientBase, server: Server): Promise<void> {
  const { rows } = await client.query<LockRoom>(`
    SELECT pg_catalog.current_setting('max_locks_per_transaction')::int AS each,
           (SELECT pg_catalog.sum(setting::int)::int FROM pg_catalog.pg_settings
             WHERE name IN ('max_connections', 'max_prepared_transactions', 'max_worker_processes',
               'max_wal_senders', CASE WHEN pg_catalog.current_setting('server_version_num')::int < 180000
                 THEN 'autovacuum_max_workers' ELSE 'autovacuum_worker_slots' END)) AS processes,
           (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_class
             WHERE relkind IN ('r', 'p') AND relpersistence <> 't' AND oid >= 16384) AS tables,
           (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_locks WHERE NOT fastpath) AS others`);
  const [room] = rows;
  const problem = room && lockProblem(room, server.name);
  if (problem) throw new Failure(problem, "no-lock-room");
}
