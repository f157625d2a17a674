import type { AgentOverview } from "../agentOverview";
import { inFuture } from "../clock";
import type { Check, Judged } from "./check";
import { isUnknown, type Seen, type StackFacts } from "./facts";
import type { HealthReport } from "./report";

/** What was looked at, and what it means. */
interface Looked {
  /** ISO 8601. */
  at: string;
  facts: Pick<StackFacts, "agent">;
  checks: Check[];
  judged: Judged;
}

/** The report of a look at a stack. */
export function reportOf({ at, facts, checks, judged }: Looked): HealthReport {
  return {
    status: judged.verdict,
    timestamp: at.replace(/\.\d+Z$/, "Z"),
    last_backup_age_hours: backupAge(facts.agent),
    messages: checks
      .filter(({ status }) => status !== "good" && status !== "pending")
      .map(({ name, sentence }) => `${name}: ${sentence}`),
    sentence: judged.sentence,
    checks,
  };
}

/** Whole hours since the newest backup or dump. */
function backupAge(agent: Seen<AgentOverview> | undefined): string {
  if (!agent || isUnknown(agent)) return "unknown";
  const times = [
    ...(agent.repositories ?? []).flatMap(({ lastBackup }) => lastBackup?.at ?? []),
    ...(agent.dumps?.newest ?? []).map(({ takenAt }) => takenAt),
  ].map((at) => Date.parse(at));
  const now = Date.parse(agent.at);
  // A time of a clock that was wrong says nothing of the age.
  const known = times.filter((at) => !inFuture(at, now));
  if (known.length === 0) return "unknown";
  const hours = (now - Math.max(...known)) / 3_600_000;
  return String(Math.max(0, Math.floor(hours)));
}
