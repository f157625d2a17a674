import type { Client } from "pg";
import type { PoolerFacts } from "../../../../contract/health/facts";
import { poolOf } from "../../../../contract/health/pools";
import { openConsole } from "../../kit/session";
import { KeptSession } from "./kept";

const connectMs = 4000;

type Row = Record<string, string>;

export const poolerSession = (
  { host, port, user }: { host: string; port: number; user: string },
  password: () => string,
) =>
  new KeptSession(async () => openConsole({ host, port, user, password: password() }, connectMs));

/** Asks PgBouncer's console, by the login that only looks. */
export async function askPooler(client: Client): Promise<PoolerFacts> {
  const show = async (what: string) => (await client.query<Row>(`SHOW ${what}`)).rows;
  const pools = await show("POOLS");
  const databases = await show("DATABASES");
  const config = await show("CONFIG");
  const most = Number(config.find(({ key }) => key === "max_client_conn")?.["value"]);
  return {
    paused: databases.some(({ name, paused }) => name !== "pgbouncer" && Number(paused) === 1),
    mostClients: Number.isInteger(most) ? most : null,
    pools: pools.filter(({ database }) => database !== "pgbouncer").map(poolOf),
  };
}
