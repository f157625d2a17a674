import type { AgentOverview, DiskFacts } from "../agentOverview";
import { type Advice, type Check, defaultThresholds, type Thresholds } from "./check";
import { agentChecks } from "./agentChecks";
import { bytes, duration, percentOf, serverBytes } from "./figures";
import {
  isUnknown,
  type PoolerFacts,
  type PrimaryFacts,
  type Seen,
  type SlotFacts,
  type StackFacts,
  type StandbyFacts,
} from "./facts";

/** Everything that the facts say about a stack. What the stack does not have makes no noise. */
export function checksOf(
  facts: StackFacts,
  advice: Advice,
  thresholds: Thresholds = defaultThresholds,
): Check[] {
  const { primary, standbys, pooler, agent } = facts;
  const known = isUnknown(primary) ? undefined : primary;
  return [
    ...primaryChecks(primary, advice, thresholds),
    ...Object.entries(standbys).flatMap(([name, standby]) =>
      standbyChecks(name, standby, { slot: facts.slots[name], primary: known }, advice, thresholds),
    ),
    ...(known?.slots ?? []).map((slot) => slotCheck(slot, advice, thresholds)),
    ...(pooler ? poolerChecks(pooler, advice, thresholds) : []),
    ...(agent ? agentChecks(agent, facts.at, advice, thresholds) : []),
    ...diskChecks(facts, thresholds),
  ];
}

function primaryChecks(
  primary: Seen<PrimaryFacts>,
  { operator }: Advice,
  { connectionsPercent }: Thresholds,
): Check[] {
  const name = "primary";
  if (isUnknown(primary)) {
    return [
      { name, status: "unknown", sentence: primary.unknown, command: operator("logs primary") },
    ];
  }
  const { inRecovery, connections, archiver } = primary;
  const { used, most } = connections;
  const percent = percentOf(used, most);
  const checks: Check[] = [
    inRecovery
      ? { name, status: "failed", sentence: "It is in recovery, so it takes no writes." }
      : { name, status: "good", sentence: `It answers; ${used} of ${most} connections are used.` },
  ];
  if (percent >= connectionsPercent) {
    checks.push({
      name: "connections",
      status: "degraded",
      sentence: `${used} of ${most} connections of the primary are used.`,
      ...{ value: percent, unit: "percent", threshold: connectionsPercent },
    });
  }
  const failing =
    archiver?.lastFailedAt != null &&
    (archiver.lastArchivedAt === null || archiver.lastFailedAt > archiver.lastArchivedAt);
  if (archiver) {
    checks.push(
      failing
        ? {
            name: "archiving",
            status: "failed",
            sentence: `WAL is not archived since ${archiver.lastFailedAt}: the primary keeps it, and its disk fills.`,
            since: archiver.lastFailedAt!,
            command: operator("check"),
          }
        : { name: "archiving", status: "good", sentence: "WAL is archived." },
    );
  }
  return checks;
}

/** What the primary says of a standby counts more than what the standby says: it knows what is missing there. */
function standbyChecks(
  name: string,
  standby: Seen<StandbyFacts>,
  { slot, primary }: { slot: string | undefined; primary: PrimaryFacts | undefined },
  { operator }: Advice,
  { lagSeconds, lagBytes }: Thresholds,
): Check[] {
  const logs = operator(`logs ${name}`);
  if (isUnknown(standby)) {
    return [{ name, status: "unknown", sentence: standby.unknown, command: logs }];
  }
  if (!standby.inRecovery) {
    const sentence = "It was promoted and follows no primary.";
    return [{ name, status: "failed", sentence, command: operator(`rebuild ${name}`) }];
  }
  if (!standby.streaming) {
    const why = primary ? "" : ", and the primary could not be asked";
    const sentence = `Nothing streams to it${why}.`;
    return [{ name, status: primary ? "failed" : "degraded", sentence, command: logs }];
  }
  const sent = primary?.replicas.find((one) => one.slot === slot);
  const behind = { bytes: sent?.bytes ?? 0, seconds: sent?.seconds ?? 0 };
  if (standby.paused) {
    const sentence = `Its replay is paused; it is ${bytes(behind.bytes)} behind.`;
    return [{ name, status: "degraded", sentence, command: logs }];
  }
  const late = behind.seconds >= lagSeconds || behind.bytes >= lagBytes;
  return [
    {
      name,
      status: late ? "degraded" : "good",
      sentence: sent
        ? `It streams; ${bytes(behind.bytes)} and ${duration(behind.seconds)} behind.`
        : "It streams.",
      ...{ value: behind.seconds, unit: "seconds", threshold: lagSeconds },
      ...(late ? { command: logs } : {}),
    },
  ];
}

function slotCheck(
  { name: slot, active, status: state, bytes: kept, limit }: SlotFacts,
  { up }: Advice,
  { slotPercent, slotFailedPercent }: Thresholds,
): Check {
  const name = `slot ${slot}`;
  if (state === "lost") {
    const sentence = "It has lost WAL that its standby needs, so the standby must be cloned again.";
    return { name, status: "failed", sentence, command: up };
  }
  const used = kept ?? 0;
  const percent = limit === null ? undefined : percentOf(used, limit);
  const of = limit === null ? "without a limit" : `of ${serverBytes(limit)} (${percent} %)`;
  const unused = active ? "" : "Nothing uses it. ";
  const measured =
    percent === undefined
      ? {}
      : { value: percent, unit: "percent" as const, threshold: slotPercent };
  const full = percent !== undefined && percent >= slotFailedPercent;
  const filling = !active || (percent !== undefined && percent >= slotPercent);
  return {
    name,
    status: full ? "failed" : filling ? "degraded" : "good",
    sentence: `${unused}It keeps ${serverBytes(used)} of WAL, ${of}.`,
    ...measured,
  };
}

function poolerChecks(
  pooler: Seen<PoolerFacts>,
  { operator }: Advice,
  { poolWait, connectionsPercent }: Thresholds,
): Check[] {
  const name = "pooler";
  if (isUnknown(pooler)) {
    return [
      { name, status: "unknown", sentence: pooler.unknown, command: operator("logs pooler") },
    ];
  }
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

function diskChecks(
  facts: StackFacts,
  { diskFreePercent, diskFailedPercent }: Thresholds,
): Check[] {
  return disksIn(facts).map(({ holds, bytes: all, free }) => {
    const percent = percentOf(free, all);
    const status =
      percent < diskFailedPercent ? "failed" : percent < diskFreePercent ? "degraded" : "good";
    return {
      name: `disk of ${holds}`,
      status,
      sentence: `${bytes(free)} of ${bytes(all)} are free (${percent} %).`,
      ...{ value: percent, unit: "percent", threshold: diskFreePercent },
    };
  });
}

/** The file systems that were seen. Those that are as large and as full as each other are one. */
export function disksIn({ primary, standbys, agent }: StackFacts): DiskFacts[] {
  const servers = [primary, ...Object.values(standbys)].flatMap((server) =>
    isUnknown(server) || !server.disk ? [] : [server.disk],
  );
  const own: Seen<AgentOverview> | undefined = agent;
  const all = [...servers, ...(own === undefined || isUnknown(own) ? [] : own.disks)];
  const found: DiskFacts[] = [];
  for (const disk of all) {
    // Containers of one machine share its file systems, and are asked at nearly the same moment.
    const same = ({ bytes: size, free }: DiskFacts) =>
      size === disk.bytes && Math.abs(free - disk.free) <= size / 100;
    const at = found.findIndex(same);
    if (at < 0) found.push(disk);
    else found[at] = { ...found[at]!, holds: `${found[at]!.holds}, ${disk.holds}` };
  }
  return found;
}
