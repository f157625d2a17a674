import type { AgentOverview } from "../agentOverview";
import type { Advice, Check, Thresholds } from "./check";
import { dumpChecks } from "./dumpChecks";
import { isUnknown, type StackFacts } from "./facts";
import { duration } from "./figures";
import { jobCheck, longWorkChecks, secondsOf } from "./jobChecks";
import { notSeen } from "./notSeen";
import { setClock } from "./partChecks";
import { repositoryChecks } from "./repositoryChecks";

/** What the agent's answer says about jobs, dumps and backups. */
export function agentChecks(facts: StackFacts, advice: Advice, thresholds: Thresholds): Check[] {
  const { agent, at: now } = facts;
  const { operator } = advice;
  const name = "agent";
  if (agent === undefined) return [];
  if (isUnknown(agent)) return [notSeen(name, agent, advice)];
  return [
    stateCheck(name, agent, advice),
    ...clockCheck(agent, now, thresholds),
    ...schedulerCheck(agent, advice, thresholds),
    ...agent.jobs.map((job) => jobCheck(job, agent, operator, thresholds)),
    ...longWorkChecks(agent, operator, thresholds),
    ...dumpChecks(agent, facts.primary, operator, thresholds),
    ...repositoryChecks(agent, facts, operator, thresholds),
  ];
}

function stateCheck(name: string, agent: AgentOverview, { operator }: Advice): Check {
  const { problem } = agent;
  return problem === undefined
    ? { name, status: "good", sentence: working(agent) }
    : { name, status: "failed", sentence: problem, command: operator("logs agent") };
}

function working({ running }: AgentOverview): string {
  return running.length === 0
    ? "It answers, and waits for its next job."
    : `It works: ${running.map(({ name }) => name).join(", ")}.`;
}

function clockCheck({ at }: AgentOverview, now: string, { clockSeconds }: Thresholds): Check[] {
  const apart = Math.abs(Date.parse(at) - Date.parse(now)) / 1000;
  if (apart <= clockSeconds) return [];
  const sentence = `The clock of the agent's machine and this one are ${duration(apart)} apart.`;
  return [
    {
      ...{ name: "clocks", status: "degraded", sentence },
      ...{ value: Math.round(apart), unit: "seconds", threshold: clockSeconds },
      command: setClock,
    },
  ];
}

function schedulerCheck(
  { scheduler, at, jobs }: AgentOverview,
  { up }: Advice,
  { schedulerSeconds }: Thresholds,
): Check[] {
  if (!scheduler || jobs.length === 0) return [];
  const name = "scheduler";
  const { beatAt } = scheduler;
  if (beatAt === null) {
    return [{ name, status: "pending", sentence: "It has given no sign of life yet." }];
  }
  const age = secondsOf(beatAt, at);
  const measured = {
    value: Math.round(age),
    unit: "seconds",
    threshold: schedulerSeconds,
  } as const;
  if (age < schedulerSeconds)
    return [{ name, status: "good", sentence: "It starts the jobs.", ...measured }];
  const sentence = `It has given no sign of life for ${duration(age)}, so no job starts.`;
  return [{ name, status: "failed", sentence, ...measured, since: beatAt, command: up }];
}
