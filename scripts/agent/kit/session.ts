import { Socket } from "node:net";
import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import { agentFiles } from "../../../contract/agentPaths";
import type { Context } from "./context";
import { codeOf } from "./failure";
import { passwordFor } from "./passfile";
import { repeatError } from "./repeatError";
import type { Server } from "../../../contract/agentConfig";
import {
  lateSettings,
  plainSessionOptions,
  sessionOptions,
} from "../../../contract/sessionSettings";

/** What is different in a session that reads a database for a dump. */
const READING = {
  default_transaction_read_only: "on",
  // The users of a table come first: a dump waits a minute for its lock and then gives up.
  lock_timeout: "60s",
  // On two cores, pg_dump and its server process take one each.
  max_parallel_workers_per_gather: "0",
  // Compiling a sum over a table takes longer than it saves.
  jit: "off",
};

/** What a libpq tool gets as PGOPTIONS, so that its session states what a session of ours does. */
export function toolOptions(
  { config: { major, role } }: Context,
  settings: Readonly<Record<string, string | undefined>> = READING,
): string {
  return sessionOptions({ major, superuser: role.superuser, with: settings });
}

/** Which database, and how the session shows on the server. */
export interface SessionOptions {
  database: string;
  /** The name in pg_stat_activity. `endSessions` finds the sessions of a run by it. */
  application: string;
  /** Closes the session at once, whatever it is doing. */
  signal?: AbortSignal;
  /** What is different from the settings of a dump's session. Default: nothing. */
  settings?: Readonly<Record<string, string | undefined>>;
}

/**
 * insufficient_privilege and undefined_object: the role may not state a setting, or the server does
 * not have it. Then the login is not the one that was configured, or the server is of another major.
 */
const refusedSetting = ["42501", "42704"];

/** Opens a session of the role that dumps. The caller ends it. */
export function openSession(
  { config, paths }: Context,
  { host, port }: Server,
  { database, application, signal, settings }: SessionOptions,
): Promise<Client> {
  const { major, role } = config;
  const passfile = join(paths.etc, agentFiles.passfile);
  const password = passwordFor(passfile, { host, port, user: role.name, database });
  return openLogin({
    ...{ host, port, user: role.name, password, database, application, major },
    ...{ superuser: role.superuser, settings: { ...READING, ...settings } },
    ...(signal ? { signal } : {}),
  });
}

/** A login on a server by its address, and what is stated in its session. */
export interface ServerLogin {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** The name in pg_stat_activity. */
  application: string;
  major: number;
  superuser: boolean;
  /** What is different from the settings of every session. */
  settings: Readonly<Record<string, string | undefined>>;
  /** Closes the session at once, whatever it is doing. */
  signal?: AbortSignal;
  /** How long the way to the server may take. Default: 10 s. */
  connectMs?: number;
}

/** Opens a session that states what every session of ours does. The caller ends it. */
export async function openLogin({
  application,
  major,
  superuser,
  settings,
  signal,
  connectMs = 10_000,
  ...where
}: ServerLogin): Promise<Client> {
  const login = {
    ...{ ...where, application_name: application, connectionTimeoutMillis: connectMs },
    ...{ keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
  };
  const purpose = { superuser, with: settings };
  const options = sessionOptions({ major, ...purpose });
  let plain = false;
  const client = await connectPreferringTls({ ...login, options }, signal).catch(
    (error: unknown) => {
      if (!refusedSetting.includes(codeOf(error) ?? "")) throw error;
      plain = true;
      return connectPreferringTls({ ...login, options: plainSessionOptions(purpose) }, signal);
    },
  );
  // Some minor releases before 17 have restrict_nonsystem_relation_kind, and others of the same major
  // would refuse the login with it. As the first statement it is early enough: before 17 nothing of a
  // database's owner runs at login, and pg_dump sets it by itself.
  if (plain || major < 17) await setLate(client, lateSettings(purpose), signal);
  return client;
}

/** Opens a session of PgBouncer's console, which knows no settings and runs nobody's code. The caller ends it. */
export function openConsole(
  where: { host: string; port: number; user: string; password: string },
  connectMs: number,
): Promise<Client> {
  const name = { database: "pgbouncer", application_name: "laterbase" };
  return connect({ ...where, ...name, connectionTimeoutMillis: connectMs });
}

/** A login over a server's socket, by the user of this container. */
export interface LocalLogin {
  /** The folder of the socket. */
  socket: string;
  user: string;
  database: string;
  /** The name in pg_stat_activity. */
  application: string;
  /** What is different from the settings of every session. */
  settings?: Readonly<Record<string, string | undefined>>;
  /** Closes the session at once, whatever it is doing. */
  signal?: AbortSignal;
}

/** Opens a session of a superuser over a socket. The caller ends it. */
export async function openLocalSession(
  { config: { major } }: Pick<Context, "config">,
  { socket, user, database, application, settings = {}, signal }: LocalLogin,
): Promise<Client> {
  const purpose = { superuser: true, with: settings };
  const client = await connect(
    {
      ...{ host: socket, port: 5432, user, database, application_name: application },
      ...{ options: sessionOptions({ major, ...purpose }), connectionTimeoutMillis: 10_000 },
    },
    signal,
  );
  if (major < 17) await setLate(client, lateSettings(purpose), signal);
  return client;
}

/** Sets what could not be in the start packet, where the server has it and the role may set it. */
async function setLate(
  client: Client,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await client.query(
      `SELECT pg_catalog.set_config(name, value, false)
         FROM pg_catalog.json_each_text($1) AS wanted(name, value)
         JOIN pg_catalog.pg_settings USING (name)
        WHERE context = 'user' OR current_setting('is_superuser') = 'on'`,
      [JSON.stringify(settings)],
    );
  } catch (error) {
    void client.end().catch(() => undefined);
    signal?.throwIfAborted();
    throw error;
  }
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
  repeatError(client);
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
      `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE application_name = $1`,
      [application],
    ),
  ).catch(() => undefined);
}
