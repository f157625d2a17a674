import type { AgentOverview, JobOverview, RepositoryOverview } from "../agentOverview";
import { inFuture } from "../clock";
import type { Advice, Check, Thresholds } from "./check";
import type { StackFacts } from "./facts";
import { duration } from "./figures";
import { ageOf, countedAt, minute, secondsOf } from "./jobChecks";

export function repositoryChecks(
  agent: AgentOverview,
  { unarchivedSince, at }: StackFacts,
  operator: Advice["operator"],
  thresholds: Thresholds,
): Check[] {
  return (agent.repositories ?? []).map((one) => {
    const since = unarchivedSince?.[one.repository];
    const waits = since === undefined ? 0 : secondsOf(since, at);
    return repositoryCheck(one, agent, { operator, waits }, thresholds);
  });
}

/** The worst first: what cannot be read, then what is missing in it, then what was not proven. */
function repositoryCheck(
  one: RepositoryOverview,
  agent: AgentOverview,
  { operator, waits }: { operator: Advice["operator"]; waits: number },
  { walAgeMinutes, jobGrace, jobHours }: Thresholds,
): Check {
  const { repository, problem, drillProblem, lastBackup, newestWal, lastDrill } = one;
  const { at, jobs } = agent;
  const name = `repository ${repository}`;
  const on = `--repo ${repository}`;
  if (problem !== undefined) {
    const sentence = `It cannot be read: ${problem}`;
    return { name, status: "failed", sentence, command: operator(`check ${on}`) };
  }
  if (waits >= walAgeMinutes * 60) {
    return {
      ...{ name, status: "failed" },
      sentence: `The primary has written for ${duration(waits)}, and no WAL of that is there.`,
      ...{ value: Math.round(waits), unit: "seconds", threshold: walAgeMinutes * 60 },
      command: operator(`check ${on}`),
    };
  }
  if (lastBackup && newestWal === undefined) {
    const sentence = "It has backups and no WAL, so none of them can be restored.";
    return { name, status: "failed", sentence, command: operator(`check ${on}`) };
  }
  const full = unsaidFull(one, jobs);
  if (full) {
    const none = lastBackup ? "" : "There is no backup there yet. ";
    const sentence = `${none}The last full backup, of ${minute(full.at)} UTC, failed: ${full.detail}`;
    return { name, status: "failed", sentence, command: operator(`backup full ${on}`) };
  }
  if (lastBackup && inFuture(lastBackup.at, Date.parse(at))) {
    return {
      ...{ name, status: "degraded", command: operator(`list-backups ${on}`) },
      sentence: `Its newest backup, ${lastBackup.label}, lies in the future: the clock of the agent's machine was wrong when it was made, or is wrong now.`,
    };
  }
  const counted = countedAt(isBackup, agent, jobHours);
  if (lastBackup && isOld(lastBackup.at, counted, jobs, jobGrace)) {
    const often = mostOften(jobs)!;
    return {
      ...{ name, status: "degraded" },
      sentence: `Its newest backup, ${lastBackup.label}, is ${ageOf(lastBackup.at, at)} old.`,
      ...{ value: Math.round(secondsOf(lastBackup.at, at)), unit: "seconds" },
      threshold: oldAfter(often, jobGrace),
      command: operator(`${often.name} ${on}`),
    };
  }
  if (drillProblem !== undefined) {
    const command = operator(`drill ${on}`);
    return { name, status: "degraded", sentence: drillProblem, command };
  }
  if (lastDrill?.result === "failed") {
    const sentence = `The last drill, ${ageOf(lastDrill.at, at)} ago, did not prove it.`;
    return { name, status: "failed", sentence, command: operator(`drill ${on}`) };
  }
  if (lastBackup === undefined) {
    const command = operator("backup full");
    return { name, status: "pending", sentence: "There is no backup there yet.", command };
  }
  const wal = newestWal ? `, and its newest WAL of ${minute(newestWal.at)} UTC` : "";
  const proven = lastDrill ? ` The last drill, ${ageOf(lastDrill.at, at)} ago, proved it.` : "";
  const sentence = `Its newest backup is ${lastBackup.label}${wal}.${proven}`;
  return { name, status: "good", sentence };
}

const isBackup = (name: string) => name.startsWith("backup ");

/**
 * A full backup that failed, and that only the repository's check can say: the scheduler starts none, or nothing is there.
 * A later backup, of any kind, shows that the repository takes them.
 */
function unsaidFull(
  { failedFull, lastBackup }: RepositoryOverview,
  jobs: readonly JobOverview[],
): RepositoryOverview["failedFull"] {
  if (!failedFull || !lastBackup) return failedFull;
  const isJob = jobs.some(({ job }) => job === "backup-full");
  return isJob || Date.parse(lastBackup.at) > Date.parse(failedFull.at) ? undefined : failedFull;
}

/** The kind of backup that is made most often. */
function mostOften(jobs: readonly JobOverview[]): JobOverview | undefined {
  const backups = jobs.filter(({ name }) => isBackup(name));
  return backups.toSorted((a, b) => a.every - b.every)[0];
}

/** Kinds of backups leave out each other's hours, so one that is missing counts after half its interval more. */
const oldAfter = ({ every }: JobOverview, grace: number) => every + Math.max(grace, every / 2);

function isOld(then: string, now: string, jobs: readonly JobOverview[], grace: number): boolean {
  const often = mostOften(jobs);
  return often !== undefined && secondsOf(then, now) > oldAfter(often, grace);
}
