import type { AgentOverview, NewestDump } from "../agentOverview";
import type { Advice, Check, Thresholds } from "./check";
import { isUnknown, type PrimaryFacts, type Seen } from "./facts";
import { bytes } from "./figures";
import { ageOf, isLate, secondsOf } from "./jobChecks";
import { plainWord } from "./primaryChecks";

/** So many databases have a good check each. With more, only those that are not good do. */
const each = 50;

/** The newest dump of each database that the primary still has. */
export function dumpChecks(
  agent: AgentOverview,
  primary: Seen<PrimaryFacts>,
  operator: Advice["operator"],
  thresholds: Thresholds,
): Check[] {
  const there = isUnknown(primary) ? null : primary.databases;
  const names = there && new Set(there.map(({ name }) => name));
  const kept = (agent.dumps?.newest ?? []).filter(({ database }) => !names || names.has(database));
  const checks = kept.map((dump) => dumpCheck(dump, agent, operator, thresholds));
  return kept.length <= each ? checks : checks.filter(({ status }) => status !== "good");
}

function dumpCheck(
  { id, database, takenAt, bytes: size, signature }: NewestDump,
  { at, jobs }: AgentOverview,
  operator: Advice["operator"],
  { jobGrace }: Thresholds,
): Check {
  if (signature === "changed") {
    const sentence = `The newest dump of "${database}" (${bytes(size)}) is not as this stack wrote it, so nothing restores it.`;
    const command = operator(`verify-dump ${plainWord(id)}`);
    return { name: `dump ${id}`, status: "failed", sentence, command };
  }
  const name = `dump of ${database}`;
  const job = jobs.find((one) => one.job === "dump");
  const measured = { value: Math.round(secondsOf(takenAt, at)), unit: "seconds" } as const;
  if (job && isLate(takenAt, { ...job, at, jobGrace })) {
    return {
      ...{ name, status: "degraded" },
      sentence: `The newest one is ${ageOf(takenAt, at)} old.`,
      ...{ ...measured, threshold: job.every + jobGrace },
      command: operator(`dump ${plainWord(database)}`),
    };
  }
  const sentence = `The newest one is ${ageOf(takenAt, at)} old (${bytes(size)}).`;
  return { name, status: "good", sentence, ...measured };
}
