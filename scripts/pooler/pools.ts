import type { PoolerFacts } from "../../contract/health/facts";
import { poolOf } from "../../contract/health/pools";
import { readCsv, rowsOf } from "./csv";

/** What is run in the pooler's container: PgBouncer lets its own user in by its socket. */
export const poolsScript = `
[ ! -e /run/laterbase/pause ] || echo laterbase,paused
export PGCONNECT_TIMEOUT=2
timeout 4 psql -Xqw --csv "host=/run/pgbouncer port=6432 user=pgbouncer dbname=pgbouncer" \\
  -c 'SHOW POOLS' -c '\\echo laterbase,config' -c 'SHOW CONFIG'
`;

/** Reads what {@link poolsScript} printed. Undefined: PgBouncer did not answer. */
export function readPools(text: string): PoolerFacts | undefined {
  const records = readCsv(text);
  const [first] = records;
  const paused = first?.[0] === "laterbase" && first[1] === "paused";
  const said = paused ? records.slice(1) : records;
  const end = said.findIndex(([word, what]) => word === "laterbase" && what === "config");
  if (said[0]?.[0] !== "database") return undefined;
  const config = end < 0 ? [] : rowsOf(said.slice(end + 1));
  const most = Number(config.find(({ key }) => key === "max_client_conn")?.["value"]);
  return {
    paused,
    mostClients: Number.isInteger(most) ? most : null,
    pools: rowsOf(end < 0 ? said : said.slice(0, end))
      .filter(({ database }) => database !== "pgbouncer")
      .map(poolOf),
  };
}
