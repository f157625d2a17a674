import type { Client } from "pg";
import type { Context } from "../../kit/context";
import { openLocalSession } from "../../kit/session";

/** The superuser of every primary that Laterbase runs. Only the servers' own user is let in as that, over the socket. */
const superuser = "postgres";

export const application = "laterbase drill";

/** What is different in a session that reads. */
export const reading = {
  default_transaction_read_only: "on",
  lock_timeout: "60s",
  max_parallel_workers_per_gather: "0",
  jit: "off",
} as const;

/** Which server and database. */
export interface Where {
  socket: string;
  database: string;
  signal: AbortSignal;
  settings?: Readonly<Record<string, string | undefined>>;
}

export function openSuperuser(context: Context, where: Where): Promise<Client> {
  return openLocalSession(context, { ...where, user: superuser, application });
}

/** Opens a session for one piece of work. */
export async function withSuperuser<T>(
  context: Context,
  where: Where,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openSuperuser(context, where);
  try {
    return await work(client);
  } catch (error) {
    where.signal.throwIfAborted();
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The first row. */
export async function rowOf<Row extends object>(
  client: Client,
  query: string,
  values: unknown[] = [],
): Promise<Row> {
  const [row] = (await client.query<Row>(query, values)).rows;
  if (!row) throw new Error(`no row from ${query}`);
  return row;
}

/** Databases that nobody can connect to are left out, such as template0. */
export async function openDatabases(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    `SELECT datname FROM pg_catalog.pg_database
      WHERE datallowconn AND datconnlimit <> -2 ORDER BY 1`,
  );
  return rows.map(({ datname }) => datname);
}
