import type { AgentOverview, JobOverview, NewestDump, RepositoryOverview } from "../agentOverview";
import type { Advice, Check, Thresholds } from "./check";
import { bytes, duration } from "./figures";
import { isUnknown, type Seen } from "./facts";

/** The operator's command that does a job again. Maintenance has none. */
const again: Readonly<Record<string, string>> = {
  dump: "dump",
  upload: "upload",
  check: "check",
  verify: "verify",
  drill: "drill",
};

/** What the agent's answer says about jobs, dumps and backups. */
export function agentChecks(
  agent: Seen<AgentOverview>,
  now: string,
  advice: Advice,
  { jobGrace }: Thresholds,
): Check[] {
  const { operator } = advice;
  const name = "agent";
  if (isUnknown(agent)) {
    return [{ name, status: "unknown", sentence: agent.unknown, command: operator("logs agent") }];
  }
  const apart = Math.abs(Date.parse(agent.at) - Date.parse(now)) / 1000;
  return [
    { name, status: "good", sentence: working(agent) },
    ...(apart > 60
      ? [
          {
            name: "clocks",
            status: "degraded",
            sentence: `The clock of the agent's machine and this one are ${duration(apart)} apart.`,
          } as const,
        ]
      : []),
    ...agent.jobs.map((job) => jobCheck(job, agent, operator, jobGrace)),
    ...(agent.dumps?.newest ?? []).flatMap((dump) => dumpChecks(dump, operator)),
    ...(agent.repositories ?? []).map((one) => repositoryCheck(one, operator)),
  ];
}

function working({ running }: AgentOverview): string {
  return running.length === 0
    ? "It answers, and waits for its next job."
    : `It works: ${running.map(({ name }) => name).join(", ")}.`;
}

function jobCheck(
  { name, due, every, last, success }: JobOverview,
  { at, running }: AgentOverview,
  operator: Advice["operator"],
  grace: number,
): Check {
  const command = operator(again[name] ?? (name.startsWith("backup ") ? name : "check"));
  if (last?.result === "failed") {
    const when = last.endedAt.slice(0, 16).replace("T", " ");
    const sentence = `The last one, of ${when} UTC, failed: ${last.detail}`;
    return { name, status: "failed", sentence, since: last.endedAt, command };
  }
  if (running.some((one) => one.name === name))
    return { name, status: "good", sentence: "It runs now." };
  if (success === undefined)
    return { name, status: "pending", sentence: "There was none yet.", command };
  // A run that began in time may still be at work, or have ended after the next one was due.
  const late = (Date.parse(at) - Date.parse(due)) / 1000;
  const missed = Date.parse(success.startedAt) < Date.parse(due) - every * 1000;
  const since = Date.parse(success.startedAt) < Date.parse(due);
  if (missed || (since && late > grace)) {
    const sentence = `It was due at ${due.slice(0, 16).replace("T", " ")} UTC; the last good one is ${ageOf(success.endedAt, at)} old.`;
    return { name, status: "degraded", sentence, since: due, command };
  }
  const age = (Date.parse(at) - Date.parse(success.endedAt)) / 1000;
  const sentence = `The last one ended ${ageOf(success.endedAt, at)} ago.`;
  return { name, status: "good", sentence, value: Math.max(0, Math.round(age)), unit: "seconds" };
}

const ageOf = (then: string, now: string) =>
  duration(Math.max(0, (Date.parse(now) - Date.parse(then)) / 1000));

/** Only what is wrong with the newest dump: that it is old says its job. */
function dumpChecks(
  { id, database, bytes: size, signature }: NewestDump,
  operator: Advice["operator"],
): Check[] {
  if (signature !== "changed") return [];
  const sentence = `The newest dump of "${database}" (${bytes(size)}) is not as this stack wrote it, so nothing restores it.`;
  return [
    { name: `dump ${id}`, status: "failed", sentence, command: operator(`verify-dump ${id}`) },
  ];
}

function repositoryCheck(
  { repository, problem, drillProblem, lastBackup, newestWal }: RepositoryOverview,
  operator: Advice["operator"],
): Check {
  const name = `repository ${repository}`;
  if (problem !== undefined) {
    const sentence = `It cannot be read: ${problem}`;
    return { name, status: "failed", sentence, command: operator(`check --repo ${repository}`) };
  }
  if (drillProblem !== undefined) {
    return {
      name,
      status: "degraded",
      sentence: drillProblem,
      command: operator(`drill --repo ${repository}`),
    };
  }
  if (lastBackup === undefined) {
    const command = operator("backup full");
    return { name, status: "pending", sentence: "There is no backup there yet.", command };
  }
  const wal = newestWal
    ? `, and its newest WAL of ${newestWal.at.slice(0, 16).replace("T", " ")} UTC`
    : "";
  const sentence = `Its newest backup is ${lastBackup.label}${wal}.`;
  return { name, status: "good", sentence };
}
