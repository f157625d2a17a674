import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import type { Context } from "./context";
import { sentenceOf } from "./failure";
import { passwordFor } from "./passfile";
import type { Server } from "../../../contract/agentConfig";

/** What a value's text depends on, and what may end a long transaction from outside. */
const SETTINGS: [string, string][] = [
  ["search_path", "pg_catalog"],
  ["DateStyle", "ISO, YMD"],
  ["IntervalStyle", "postgres"],
  ["TimeZone", "UTC"],
  ["extra_float_digits", "3"],
  ["bytea_output", "hex"],
  ["xmloption", "content"],
  ["row_security", "off"],
  ["statement_timeout", "0"],
  ["idle_in_transaction_session_timeout", "0"],
  ["transaction_timeout", "0"],
  // A table's own traffic is worth more than a dump of it that comes a minute earlier.
  ["lock_timeout", "60s"],
  // Of two cores pg_dump and its server take one each.
  ["max_parallel_workers_per_gather", "0"],
  // One sum over a table is compiled for longer than the compiled one saves.
  ["jit", "off"],
];

export interface SessionOptions {
  database: string;
  /** What pg_stat_activity shows, and what the sessions of a run are found by. */
  application: string;
  /** Closes the session at once, whatever it is doing. */
  signal?: AbortSignal;
}

/** A session of the role that dumps. The caller ends it. */
export async function openSession(
  { config, paths }: Context,
  server: Server,
  { database, application, signal }: SessionOptions,
): Promise<Client> {
  const { host, port } = server;
  const user = config.role.name;
  const password = passwordFor(join(paths.etc, "pgpass"), { host, port, user, database });
  const login: ClientConfig = {
    host,
    port,
    user,
    password,
    database,
    application_name: application,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
  let client: Client;
  try {
    // As libpq does by default: encrypted where the server can, and its certificate not judged.
    client = await connectBy({ ...login, ssl: { rejectUnauthorized: false } }, signal);
  } catch (error) {
    if (!/does not support SSL|SSL encryption|SSL on/.test(sentenceOf(error))) throw error;
    client = await connectBy(login, signal);
  }
  try {
    await client.query(
      `SELECT set_config(name, value, false)
         FROM unnest($1::text[], $2::text[]) AS wanted(name, value)
         JOIN pg_catalog.pg_settings USING (name)`,
      [SETTINGS.map(([name]) => name), SETTINGS.map(([, value]) => value)],
    );
  } catch (error) {
    void client.end().catch(() => undefined);
    signal?.throwIfAborted();
    throw error;
  }
  return client;
}

async function connectBy(login: ClientConfig, signal?: AbortSignal): Promise<Client> {
  const client = new Client(login);
  // A server that goes away also fails the query under way, which is where it is told.
  client.on("error", () => undefined);
  const close = () => void client.end().catch(() => undefined);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", close, { once: true });
  client.once("end", () => signal?.removeEventListener("abort", close));
  try {
    await client.connect();
    return client;
  } catch (error) {
    close();
    signal?.throwIfAborted();
    throw error;
  }
}

/** Opens a session for one piece of work. */
export async function withSession<T>(
  context: Context,
  server: Server,
  options: SessionOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openSession(context, server, options);
  try {
    return await work(client);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Ends what a run may have left on a server; nobody waits long for it. */
export async function endSessions(
  context: Context,
  server: Server,
  database: string,
  application: string,
): Promise<void> {
  const signal = AbortSignal.timeout(5000);
  await withSession(context, server, { database, application: "laterbase", signal }, (client) =>
    client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`,
      [application],
    ),
  ).catch(() => undefined);
}
