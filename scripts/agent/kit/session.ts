import { Socket } from "node:net";
import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import { agentFiles } from "../../../contract/agentPaths";
import type { Context } from "./context";
import { codeOf } from "./failure";
import { passwordFor } from "./passfile";
import type { Server } from "../../../contract/agentConfig";

/** Settings that the text of a value depends on, and settings that could end a long transaction. */
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
  // The users of a table come first: a dump waits a minute for its lock and then gives up.
  ["lock_timeout", "60s"],
  // On two cores, pg_dump and its server process take one each.
  ["max_parallel_workers_per_gather", "0"],
  // Compiling a sum over a table takes longer than it saves.
  ["jit", "off"],
];

/** Which database, and how the session shows on the server. */
export interface SessionOptions {
  database: string;
  /** The name in pg_stat_activity. `endSessions` finds the sessions of a run by it. */
  application: string;
  /** Closes the session at once, whatever it is doing. */
  signal?: AbortSignal;
}

/** Opens a session of the role that dumps. The caller ends it. */
export async function openSession(
  { config, paths }: Context,
  server: Server,
  { database, application, signal }: SessionOptions,
): Promise<Client> {
  const { host, port } = server;
  const user = config.role.name;
  const passfile = join(paths.etc, agentFiles.passfile);
  const client = await connectPreferringTls(
    {
      host,
      port,
      user,
      password: passwordFor(passfile, { host, port, user, database }),
      database,
      application_name: application,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    },
    signal,
  );
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

/** What a server answers to SSLRequest when it has no TLS. */
const noTls = "N".charCodeAt(0);
/** invalid_authorization_specification: pg_hba.conf has no line for this way of connecting. */
const notAllowed = "28000";

/** Connects as libpq does by default: with TLS where the server allows it, and any certificate. */
async function connectPreferringTls(login: ClientConfig, signal?: AbortSignal): Promise<Client> {
  const socket = new Socket();
  // pg reports this answer as a sentence without a code, so the answer itself is read.
  let refusesTls = false;
  socket.once("data", (answer: Buffer) => (refusesTls = answer[0] === noTls));
  try {
    const tls = { ssl: { rejectUnauthorized: false }, stream: () => socket };
    return await connect({ ...login, ...tls }, signal);
  } catch (error) {
    if (!refusesTls && codeOf(error) !== notAllowed) throw error;
    return connect(login, signal);
  }
}

async function connect(login: ClientConfig, signal?: AbortSignal): Promise<Client> {
  const client = new Client(login);
  // pg rejects the query under way with the same error. It has no code when the connection was
  // lost, so it gets the errno of that.
  client.on("error", (error: Error & { code?: string }) => (error.code ??= "ECONNRESET"));
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

/** Ends the sessions that a run may have left on a server. It gives up after a few seconds. */
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
