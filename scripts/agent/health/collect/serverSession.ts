import type { Client } from "pg";
import { maintenanceDatabase } from "../../../../contract/maintenanceDatabases";
import { openLogin } from "../../kit/session";
import { isRefusal, KeptSession } from "./kept";

/** How the monitor logs in on a server. */
export interface MonitorLogin {
  host: string;
  port: number;
  user: string;
  major: number;
  /** Whether it writes the heartbeat there. */
  writes: boolean;
}

/** How long the way to a server may take, in milliseconds. */
const connectMs = 4000;

/** The monitor's one session on a server. The server ends it soon after the monitor has vanished. */
export function monitorSession(
  { writes, ...login }: MonitorLogin,
  password: () => string,
): KeptSession {
  return new KeptSession(async () =>
    openLogin({
      ...{
        ...login,
        password: password(),
        database: maintenanceDatabase,
        application: "laterbase monitor",
      },
      ...{ superuser: false, connectMs },
      settings: {
        statement_timeout: "4000",
        lock_timeout: "1000",
        idle_in_transaction_session_timeout: "10000",
        tcp_keepalives_idle: "30",
        tcp_keepalives_interval: "10",
        tcp_keepalives_count: "3",
        tcp_user_timeout: "60000",
        default_transaction_read_only: writes ? "off" : "on",
        // A heartbeat that a crash loses is written again. No disk has to hurry for it.
        synchronous_commit: "off",
        // Its questions are small. A second process or compiled code would cost more than they take.
        max_parallel_workers_per_gather: "0",
        jit: "off",
      },
    }),
  );
}

/**
 * Asks for facts by name, as one statement that the server plans once. When the server refuses it, each fact is asked for
 * by itself, so that one that fails takes no other with it.
 */
export async function askFacts(
  client: Client,
  sql: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const names = Object.keys(sql);
  const whole = names.map((name) => `'${name}', ${sql[name]}`).join(",\n");
  try {
    return await one(client, `laterbase ${names.join(" ")}`, whole);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  const found: Record<string, unknown> = {};
  for (const name of names) {
    try {
      Object.assign(found, await one(client, `laterbase ${name}`, `'${name}', ${sql[name]}`));
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return found;
}

async function one(client: Client, name: string, fields: string): Promise<Record<string, unknown>> {
  const text = `SELECT json_build_object(${fields}) AS facts`;
  // PostgreSQL cuts the names of statements at 63 bytes.
  const { rows } = await client.query<{ facts: Record<string, unknown> }>({
    name: name.slice(0, 63),
    text,
  });
  return rows[0]?.facts ?? {};
}
