import type { ClientBase } from "pg";
import { quoted } from "../../../contract/quoting";
import { Failure } from "../kit/failure";

/** Who may connect to a database, and how many do. */
export interface ConnectionRoom {
  database: string;
  /** Its CONNECTION LIMIT; -1 is none. */
  limit: number;
  /** The sessions that are in it, with ours. */
  used: number;
  /** A superuser is not limited. */
  superuser: boolean;
}

/** pg_dump and pg_dumpall, beside the session that holds the snapshot. */
const MORE = 2;

/** What stands in the way of a dump, in one sentence. Undefined: there is room. */
export function connectionProblem({
  database,
  limit,
  used,
  superuser,
}: ConnectionRoom): string | undefined {
  if (superuser || limit < 0 || used + MORE <= limit) return undefined;
  return (
    `A dump needs ${MORE + 1} connections to ${quoted(database)}, which accepts ${limit} (in use with its own: ${used}): ` +
    "raise its CONNECTION LIMIT (ALTER DATABASE)."
  );
}

/** Refuses a dump that would meet the limit half-way, where pg_dump gives no code. */
export async function checkConnectionRoom(client: ClientBase): Promise<void> {
  const { rows } = await client.query<ConnectionRoom>(`
    SELECT d.datname AS database, d.datconnlimit AS "limit", r.rolsuper AS superuser,
           (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_stat_activity a
             -- The kind of a session of another role is hidden from most.
             WHERE a.datid = d.oid AND a.usesysid IS NOT NULL
               AND coalesce(a.backend_type, 'client backend') = 'client backend') AS used
      FROM pg_catalog.pg_database d, pg_catalog.pg_roles r
     WHERE d.datname = pg_catalog.current_database() AND r.rolname = current_user`);
  const [room] = rows;
  const problem = room && connectionProblem(room);
  if (problem) throw new Failure(problem);
}
