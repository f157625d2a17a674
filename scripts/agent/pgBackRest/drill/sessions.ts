import type { Client } from "pg";
import type { Context } from "../../kit/context";
import { Failure } from "../../kit/failure";
import { openLocalSession } from "../../kit/session";

/** The superuser of every primary that Laterbase runs. Only the servers' own user is let in as that, over the socket. */
const superuser = "postgres";

export const application = "laterbase drill";

/** What is different in a session that reads. */
export const reading = {
  default_transaction_read_only: "on",
  lock_timeout: "60s",
  // The restored server does not read the primary's postgresql.conf, and money is printed by this.
  lc_monetary: "C",
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

/** What did not end in its time. Its session is of no use any more. */
export class NotInTime extends Failure {}

/** How long a server may take for an answer that it has at hand. */
const answerSeconds = 60;

/**
 * Waits no longer than this. The server's own limit comes first; code of an owner can ignore it.
 *
 * @param what the subject of the sentence when the time is over
 */
export async function inTime<T>(work: Promise<T>, seconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    const sentence = `${what} did not end within ${seconds} s.`;
    timer = setTimeout(() => reject(new NotInTime(sentence)), seconds * 1000);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}

/** The first row of a query that takes no longer than this. */
export async function rowOf<Row extends object>(
  client: Client,
  query: string,
  seconds = answerSeconds,
): Promise<Row> {
  const asked = inTime(client.query<Row>(query), seconds, "A query of the drill");
  const [row] = (await asked).rows;
  if (!row) throw new Error(`no row from ${query}`);
  return row;
}

/** Databases that nobody can connect to are left out, such as template0. */
export async function openDatabases(client: Client): Promise<string[]> {
  const asked = client.query<{ datname: string }>(
    `SELECT datname FROM pg_catalog.pg_database
      WHERE datallowconn AND datconnlimit <> -2 ORDER BY 1`,
  );
  const { rows } = await inTime(asked, answerSeconds, "A query of the drill");
  return rows.map(({ datname }) => datname);
}
