import type { AgentOverview } from "../../../../contract/agentOverview";
import type { Check, CheckStatus } from "../../../../contract/health/check";
import { bytes, duration } from "../../../../contract/health/figures";
import { isUnknown, type PrimaryFacts, type StackFacts } from "../../../../contract/health/facts";
import { lagOfStandby } from "../kit/lag";
import type { Snapshot } from "../kit/snapshot";
import { worstOf } from "./states";
import type { Clock } from "./times";

/** A part of the stack in the picture. */
export interface Node {
  id: string;
  /** From left to right: the pooler, the primary, what it feeds, what that feeds. */
  column: 0 | 1 | 2 | 3;
  title: string;
  status: CheckStatus;
  lines: string[];
  /** What reaches it: from which node, and what. */
  from?: { id: string; what: string; flows: boolean };
}

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

/** The worst of the checks with these names; a part without a check is as well as its answer. */
function statusOf(
  checks: readonly Check[],
  names: readonly string[],
  answers: boolean,
): CheckStatus {
  const own = checks.filter(({ name }) => names.includes(name));
  return own.length > 0 ? worstOf(own) : answers ? "good" : "unknown";
}

const noAnswer = ["no answer"];

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

const ofPrimary = ["primary", "archiving", "connections", "transaction ids", "drift"];

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

function repositoryNode(
  {
    repository,
    problem,
    newestWal,
    lastBackup,
  }: NonNullable<AgentOverview["repositories"]>[number],
  checks: readonly Check[],
  clock: Clock,
): Node {
  const title = `Repository ${repository}`;
  const wal = newestWal ? `WAL ${clock.ago(newestWal.at)}` : "no WAL yet";
  const backup = lastBackup
    ? `${lastBackup.type} backup ${clock.ago(lastBackup.at)}`
    : "no backup yet";
  return {
    ...{ id: `repository-${repository}`, column: 2, title },
    status: statusOf(checks, [`repository ${repository}`, title], problem === undefined),
    lines: problem === undefined ? [wal, backup] : ["cannot be read", wal],
    from: { id: "primary", what: "WAL", flows: problem === undefined && newestWal !== undefined },
  };
}

function agentNode(
  agent: NonNullable<StackFacts["agent"]>,
  checks: readonly Check[],
  clock: Clock,
): Node {
  const base = { id: "agent", column: 2, title: "Agent" } as const;
  const names = ["agent", "dump"];
  const from = (flows: boolean) => ({ from: { id: "primary", what: "dumps", flows } });
  if (isUnknown(agent))
    return { ...base, status: statusOf(checks, names, false), lines: noAnswer, ...from(false) };
  const works =
    agent.running.length === 0
      ? "waits"
      : `works: ${agent.running.map(({ name }) => name).join(", ")}`;
  const newest = agent.dumps?.newest
    .map(({ takenAt }) => takenAt)
    .toSorted()
    .at(-1);
  const count = agent.dumps?.count ?? 0;
  const dumps = !agent.dumps
    ? []
    : newest
      ? [`${count} dumps, ${clock.ago(newest)}`]
      : ["no dump yet"];
  return {
    ...base,
    status: statusOf(checks, names, true),
    lines: [...dumps, works],
    ...from(newest !== undefined),
  };
}

function offSiteNodes({ jobs }: AgentOverview, checks: readonly Check[], clock: Clock): Node[] {
  const upload = jobs.find(({ name }) => name === "upload");
  if (!upload) return [];
  const { success } = upload;
  return [
    {
      ...{ id: "off-site", column: 3, title: "Off-site" },
      status: statusOf(checks, ["upload"], true),
      lines: [success ? `uploaded ${clock.ago(success.endedAt)}` : "no upload yet"],
      from: { id: "agent", what: "uploads", flows: success !== undefined },
    },
  ];
}
