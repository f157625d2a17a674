import type { AgentOverview, DumpsOverview, FutureDump, NewestDump } from "../agentOverview";
import type { Advice, Check, Thresholds } from "./check";
import { isUnknown, type PrimaryFacts, type Seen } from "./facts";
import { bytes } from "./figures";
import { ageOf, countedAt, isLate, secondsOf } from "./jobChecks";
import { setClock } from "./partChecks";
import { plainWord } from "./primaryChecks";

/** So many databases have a good check each. With more, only those that are not good do. */
const each = 50;

/** The newest dump of each database that is dumped and that the primary still has. */
export function dumpChecks(
  agent: AgentOverview,
  primary: Seen<PrimaryFacts>,
  operator: Advice["operator"],
  thresholds: Thresholds,
): Check[] {
  if (!agent.dumps) return [];
  const { problem } = agent.dumps;
  const { newest, missing, future } = dumpsThatCount(agent.dumps, primary);
  const checks = newest.map((dump) => dumpCheck(dump, agent, operator, thresholds));
  return [
    ...(problem === undefined ? [] : [unreadCheck(problem, operator)]),
    ...(newest.length <= each ? checks : checks.filter(({ status }) => status !== "good")),
    ...missing.map((database) => missingCheck(database, operator)),
    ...future.map((dump) => futureCheck(dump, operator)),
  ];
}

/** Without the databases that nobody wants to be dumped any more, or that are gone from the primary. */
export function dumpsThatCount(
  { newest, wanted, missing = [], future = [] }: DumpsOverview,
  primary: Seen<PrimaryFacts>,
): Required<Pick<DumpsOverview, "newest" | "wanted" | "missing" | "future">> {
  const there = isUnknown(primary) ? null : primary.databases;
  const names = there && new Set(there.map(({ name }) => name));
  const listed = wanted && new Set(wanted);
  const counts = (name: string) => (names?.has(name) ?? true) && (listed?.has(name) ?? true);
  return {
    newest: newest.filter(({ database }) => counts(database)),
    wanted: (wanted ?? []).filter(counts),
    missing: missing.filter(counts),
    future: future.filter(({ database }) => counts(database)),
  };
}

function unreadCheck(sentence: string, operator: Advice["operator"]): Check {
  return { name: "dumps", status: "failed", sentence, command: operator("logs agent") };
}

function missingCheck(database: string, operator: Advice["operator"]): Check {
  return {
    ...{ name: `dump of ${database}`, status: "failed" },
    sentence: "There is none any more: its dumps were deleted, or their folder is another one.",
    command: operator(`dump ${plainWord(database)}`),
  };
}

function futureCheck({ id, database, isLast }: FutureDump, operator: Advice["operator"]): Check {
  return {
    ...{ name: `dump ${id}`, status: "degraded" },
    sentence: `It lies in the future: the clock of the agent's machine was wrong when it was made, or is wrong now. Retention removes no dump of "${database}" meanwhile.`,
    // The next dump follows at once where the clock is right again. Without one, this may be the only good dump.
    command: isLast ? setClock : operator(`delete-dump ${plainWord(id)}`),
  };
}

function dumpCheck(
  { id, database, takenAt, bytes: size, signature }: NewestDump,
  agent: AgentOverview,
  operator: Advice["operator"],
  { jobGrace, jobHours }: Thresholds,
): Check {
  if (signature === "changed") {
    const sentence = `The newest dump of "${database}" (${bytes(size)}) is not as this stack wrote it, so nothing restores it.`;
    const command = operator(`verify-dump ${plainWord(id)}`);
    return { name: `dump ${id}`, status: "failed", sentence, command };
  }
  const { at } = agent;
  const name = `dump of ${database}`;
  const job = agent.jobs.find((one) => one.job === "dump");
  const measured = { value: Math.round(secondsOf(takenAt, at)), unit: "seconds" } as const;
  const most = (job?.every ?? 0) + jobGrace;
  const counted = countedAt((one) => one === "dump", agent, jobHours);
  const isAwaited = counted !== at && secondsOf(takenAt, counted) <= most;
  if (job && !isAwaited && isLate(takenAt, job, at, jobGrace)) {
    return {
      ...{ name, status: "degraded" },
      sentence: `The newest one is ${ageOf(takenAt, at)} old.`,
      ...{ ...measured, threshold: most },
      command: operator(`dump ${plainWord(database)}`),
    };
  }
  const sentence = `The newest one is ${ageOf(takenAt, at)} old (${bytes(size)}).`;
  return { name, status: "good", sentence, ...measured };
}
