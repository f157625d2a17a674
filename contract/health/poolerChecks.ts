import type { Advice, Check, Thresholds } from "./check";
import { isUnknown, type PoolerFacts, type Seen } from "./facts";
import { duration, percentOf } from "./figures";
import { notSeen } from "./notSeen";

export function poolerChecks(
  pooler: Seen<PoolerFacts>,
  advice: Advice,
  { poolWait, connectionsPercent }: Thresholds,
): Check[] {
  const name = "pooler";
  const { operator } = advice;
  if (isUnknown(pooler)) return [notSeen(name, pooler, advice)];
  const { paused, pools, mostClients } = pooler;
  if (paused) {
    const sentence = "Its clients wait, because it is paused.";
    return [{ name, status: "degraded", sentence, command: operator("resume-pooler") }];
  }
  const sum = (number: (pool: PoolerFacts["pools"][number]) => number) =>
    pools.reduce((all, pool) => all + number(pool), 0);
  const clients = sum((pool) => pool.clients.active + pool.clients.waiting);
  const waiting = sum((pool) => pool.clients.waiting);
  const wait = Math.max(0, ...pools.map(({ maxWait }) => maxWait));
  const percent = mostClients === null ? 0 : percentOf(clients, mostClients);
  const full = percent >= connectionsPercent;
  const slow = waiting > 0 && wait >= poolWait;
  const waits = waiting === 0 ? "" : `; ${waiting} wait, the first for ${duration(wait)}`;
  return [
    {
      name,
      status: slow || full ? "degraded" : "good",
      sentence: `It has ${clients} client${clients === 1 ? "" : "s"}${waits}.`,
      ...{ value: waiting, unit: "clients" },
      ...(slow || full ? { command: operator("pools") } : {}),
    },
  ];
}
