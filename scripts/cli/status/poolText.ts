import { isUnknown, type PoolerFacts, type Seen } from "../../../contract/health/facts";
import { duration } from "../../../contract/health/figures";
import { table } from "../terminal/table";

const head = [
  ...["POOL", "USER", "MODE", "CLIENTS", "WAITING", "LONGEST WAIT"],
  ...["SERVERS", "IDLE"],
];

/** PgBouncer's pools, one a line. */
export function poolTable(pooler: Seen<PoolerFacts>): string {
  if (isUnknown(pooler)) return table([["POOL"], [`unknown: ${pooler.unknown}`]]);
  if (pooler.pools.length === 0) return "No client has used the pooler yet.";
  const rows = pooler.pools.map(({ database, user, mode, clients, servers, maxWait }) => [
    ...[database, user, mode, String(clients.active), String(clients.waiting)],
    ...[clients.waiting > 0 ? duration(maxWait) : "", String(servers.active)],
    String(servers.idle + servers.used),
  ]);
  return table([head, ...rows]);
}
