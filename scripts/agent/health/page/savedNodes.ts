import type { AgentOverview, RepositoryOverview } from "../../../../contract/agentOverview";
import type { Check } from "../../../../contract/health/check";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import { type Node, noAnswer, statusOf } from "./node";
import type { Clock } from "./times";

export function repositoryNode(
  { repository, problem, newestWal, lastBackup }: RepositoryOverview,
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

export function agentNode(
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

export function offSiteNodes(
  { jobs }: AgentOverview,
  checks: readonly Check[],
  clock: Clock,
): Node[] {
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
