import type { Check } from "../../../../contract/health/check";
import { bytes, duration } from "../../../../contract/health/figures";
import { isUnknown, type PrimaryFacts, type StackFacts } from "../../../../contract/health/facts";
import { lagOfStandby } from "../kit/lag";
import type { Snapshot } from "../kit/snapshot";
import { type Node, noAnswer, statusOf } from "./node";
import { agentNode, offSiteNodes, repositoryNode } from "./savedNodes";
import type { Clock } from "./times";

/** The parts, in the order in which data passes them. */
export function nodesOf({ facts, checks }: Snapshot, clock: Clock): Node[] {
  const { agent } = facts;
  const known = agent && !isUnknown(agent) ? agent : undefined;
  return [
    ...poolerNodes(facts, checks),
    primaryNode(facts, checks),
    ...standbyNodes(facts, checks),
    ...(known?.repositories ?? []).map((one) => repositoryNode(one, checks, clock)),
    ...(agent ? [agentNode(agent, checks, clock)] : []),
    ...(known ? offSiteNodes(known, checks, clock) : []),
  ];
}

function poolerNodes({ pooler }: StackFacts, checks: readonly Check[]): Node[] {
  if (!pooler) return [];
  const base = { id: "pooler", column: 0, title: "Pooler" } as const;
  if (isUnknown(pooler))
    return [{ ...base, status: statusOf(checks, ["pooler"], false), lines: noAnswer }];
  const sum = (of: "active" | "waiting") =>
    pooler.pools.reduce((all, { clients }) => all + clients[of], 0);
  const lines = [
    `${sum("active")} clients, ${sum("waiting")} waiting`,
    ...(pooler.paused ? ["paused"] : []),
  ];
  return [{ ...base, status: statusOf(checks, ["pooler"], true), lines }];
}

const ofPrimary = [
  ...["primary", "cluster", "archiving", "connections", "transaction ids"],
  "settings of the primary",
];

function primaryNode({ primary, pooler }: StackFacts, checks: readonly Check[]): Node {
  const answers = !isUnknown(primary);
  const flows = answers && pooler !== undefined && !isUnknown(pooler) && !pooler.paused;
  return {
    ...{
      id: "primary",
      column: 1,
      title: "Primary",
      lines: answers ? primaryLines(primary) : noAnswer,
    },
    status: statusOf(checks, ofPrimary, answers),
    ...(pooler ? { from: { id: "pooler", what: "queries", flows } } : {}),
  };
}

function primaryLines({ version, databases, connections }: PrimaryFacts): string[] {
  const size = databases?.reduce((sum, one) => sum + one.bytes, 0);
  const { used, most } = connections;
  return [
    `PostgreSQL ${version.split(" ")[0]}${size === undefined ? "" : `, ${bytes(size)}`}`,
    `${used} of ${most} connections`,
  ];
}

function standbyNodes(facts: StackFacts, checks: readonly Check[]): Node[] {
  return Object.entries(facts.standbys).map(([name, standby], i): Node => {
    const base = { id: `standby-${i}`, column: 2, title: name } as const;
    const names = [name, `slot ${facts.slots[name]}`];
    // Most are named so.
    const kind = /standby/i.test(name) ? [] : ["standby"];
    const from = (flows: boolean) => ({ from: { id: "primary", what: "streams", flows } });
    if (isUnknown(standby))
      return {
        ...base,
        status: statusOf(checks, names, false),
        lines: [...noAnswer, ...kind],
        ...from(false),
      };
    const lag = lagOfStandby(facts, name);
    const state = !standby.inRecovery
      ? "was promoted"
      : standby.paused
        ? "replay paused"
        : !standby.streaming
          ? "nothing streams"
          : undefined;
    const behind = lag === undefined ? "lag unknown" : `${duration(lag)} behind`;
    const lines = [state ?? behind, ...kind];
    return { ...base, status: statusOf(checks, names, true), lines, ...from(standby.streaming) };
  });
}
