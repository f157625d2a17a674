import type Docker from "dockerode";
import { Client, type ClientConfig, DatabaseError } from "pg";
import { maintenanceDatabase, spareDatabase } from "../../contract/maintenanceDatabases";
import { plainSessionOptions, sessionOptions } from "../../contract/sessionSettings";
import { ContainerSocket, NoConnection } from "../engine/containerSocket";

/** A server, and the superuser that logs in there. */
export interface Login {
  host: string;
  port: number;
  version: number;
  superuser: string;
  password: string;
  /** Default: the maintenance database, or `template1` where the server has none. */
  database?: string;
}

/** How long the way to the server may take: one that is there answers within milliseconds. */
const patienceMs = 1000;
/** How long the server may take then. */
const workMs = 5000;

/**
 * Logs in from a container and asks one question, as libpq does it: first with TLS, then without.
 *
 * @returns the first column of the first row
 * @throws DatabaseError with the SQLSTATE of a server that refuses. Another error means that none answered
 */
export async function askFrom<T>(
  engine: Docker,
  container: string,
  login: Login,
  query: string,
): Promise<T> {
  const settings = { superuser: true, with: { statement_timeout: "3000", lock_timeout: "1000" } };
  const full = sessionOptions({ major: login.version, ...settings });
  const plain = plainSessionOptions(settings);
  const attempt: Attempt = {
    ssl: true,
    options: full,
    database: login.database ?? maintenanceDatabase,
  };
  for (let left = 5; ; left--) {
    const start = Date.now();
    try {
      return await ask<T>(engine, container, login, attempt, query);
    } catch (error) {
      // A server that is silent would be silent again.
      if (error instanceof NoConnection || Date.now() - start >= workMs) throw error;
      const code = error instanceof DatabaseError ? error.code : undefined;
      if (left > 0 && attempt.ssl && (code === undefined || code === "28000")) attempt.ssl = false;
      // Another major lacks a setting, or the role may not set it.
      else if (left > 0 && otherOptions.includes(code ?? "") && attempt.options !== plain)
        attempt.options = plain;
      else if (
        left > 0 &&
        code === "3D000" &&
        !login.database &&
        attempt.database !== spareDatabase
      )
        attempt.database = spareDatabase;
      else throw error;
    }
  }
}

interface Attempt {
  ssl: boolean;
  options: string;
  database: string;
}

const otherOptions = ["42704", "42501"];

async function ask<T>(
  engine: Docker,
  container: string,
  { host, port, superuser, password }: Login,
  { ssl, options, database }: Attempt,
  query: string,
): Promise<T> {
  const socket = new ContainerSocket(engine, container, patienceMs);
  const client = new Client({
    ...{ host, port, user: superuser, password, database, options },
    application_name: "laterbase",
    // Whether it is the right server is not the question here; libpq does not ask it either.
    ssl: ssl ? { rejectUnauthorized: false } : false,
    connectionTimeoutMillis: workMs,
    query_timeout: workMs,
    stream: (() => socket) as unknown as ClientConfig["stream"],
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: "array" });
    return rows[0]?.[0] as T;
  } finally {
    socket.destroy();
  }
}
