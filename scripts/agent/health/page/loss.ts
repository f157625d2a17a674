import { inFuture } from "../../../../contract/clock";
import { dumpsThatCount } from "../../../../contract/health/dumpChecks";
import { duration } from "../../../../contract/health/figures";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import { lagOfStandby } from "../kit/lag";
import type { Answer, Line } from "./answers";
import type { Look } from "./states";
import type { Clock } from "./times";

/** A place that has the data, and how old what it has is. Absent: it is unknown, or there is nothing. */
interface Copy {
  what: string;
  seconds?: number;
  /** Why the age is absent. */
  why?: string;
  look: Look;
}

/** How much would be lost if the primary's machine were lost now: the age of the newest copy, and of each. */
export function lossAnswer(facts: StackFacts, clock: Clock): Answer {
  const question = "Lost if the primary were gone now";
  const copies = [
    ...standbyCopies(facts),
    ...repositoryCopies(facts, clock),
    ...dumpCopies(facts, clock),
  ];
  const lines = copies.map(({ what, seconds, why, look }): Line => ({
    what,
    how: seconds === undefined ? (why ?? "unknown") : duration(seconds),
    look,
  }));
  const known = copies.filter(({ seconds }) => seconds !== undefined);
  const [best] = known.toSorted((a, b) => a.seconds! - b.seconds!);
  if (best) {
    const sentence = `The newest copy: ${best.what}. What was written after it would be missing.`;
    return { question, look: best.look, short: duration(best.seconds!), sentence, lines };
  }
  if (copies.some(({ look }) => look === "unknown")) {
    const sentence = "No place that has a copy could be asked.";
    return { question, look: "unknown", short: "Unknown", sentence, lines };
  }
  if (copies.length > 0) {
    const sentence = "No copy of the data exists yet.";
    return { question, look: "pending", short: "Everything", sentence, lines };
  }
  const sentence = "This stack has no standby, no backups and no dumps.";
  return { question, look: "failed", short: "Everything", sentence, lines };
}

function standbyCopies(facts: StackFacts): Copy[] {
  return Object.entries(facts.standbys).map(([name, standby]) => {
    const what = /standby/i.test(name) ? name : `standby ${name}`;
    if (isUnknown(standby)) return { what, why: "unknown", look: "unknown" };
    if (!standby.inRecovery) return { what, why: "was promoted", look: "failed" };
    const seconds = lagOfStandby(facts, name);
    if (seconds === undefined) return { what, why: "unknown", look: "unknown" };
    const works = standby.streaming && !standby.paused;
    return { what, seconds, look: works ? "good" : "degraded" };
  });
}

function repositoryCopies({ agent }: StackFacts, clock: Clock): Copy[] {
  if (agent === undefined) return [];
  // Whether there are repositories knows only the agent.
  if (isUnknown(agent)) return [{ what: "backups and dumps", why: "unknown", look: "unknown" }];
  return (agent.repositories ?? []).map(({ repository, problem, newestWal, lastBackup }): Copy => {
    const what = `repository ${repository}`;
    if (problem !== undefined) return { what, why: "cannot be read", look: "failed" };
    // Without a backup its WAL is of no use.
    if (!lastBackup) return { what, why: "no backup yet", look: "pending" };
    const newest = newestWal?.at ?? lastBackup.at;
    if (inFuture(newest, clock.now * 1000))
      return { what, why: "lies in the future", look: "unknown" };
    return { what, seconds: clock.age(newest), look: "good" };
  });
}

function dumpCopies({ agent, primary }: StackFacts, clock: Clock): Copy[] {
  if (agent === undefined || isUnknown(agent) || !agent.dumps) return [];
  const what = "dumps, by the oldest of the newest";
  const { newest, missing, wanted } = dumpsThatCount(agent.dumps, primary);
  if (agent.dumps.problem !== undefined) return [{ what, why: "cannot be read", look: "failed" }];
  if (missing.length > 0) return [{ what, why: "some are missing", look: "failed" }];
  if (newest.length === 0) return [{ what, why: "no dump yet", look: "pending" }];
  const dumped = new Set(newest.map(({ database }) => database));
  // A database without a dump would be lost whole.
  if (wanted.some((name) => !dumped.has(name)))
    return [{ what, why: "some databases have none", look: "failed" }];
  // Nothing restores it. Those before it are older than what is known here.
  if (newest.some(({ signature }) => signature === "changed"))
    return [{ what, why: "some were changed afterwards", look: "failed" }];
  const seconds = Math.max(...newest.map(({ takenAt }) => clock.age(takenAt)));
  return [{ what, seconds, look: "good" }];
}
