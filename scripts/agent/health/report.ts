import { type Check } from "../../../contract/health/check";
import { isUnknown, type StackFacts } from "../../../contract/health/facts";
import type { HealthReport } from "../../../contract/health/report";
import type { Snapshot } from "./kit/snapshot";

/** What `GET /health` says of a snapshot. */
export function healthReport({ at, facts, checks, judged }: Snapshot): HealthReport {
  return {
    status: judged.verdict,
    timestamp: wholeSeconds(at),
    last_backup_age_hours: backupAge(facts),
    messages: checks.filter(isProblem).map(({ name, sentence }) => `${name}: ${sentence}`),
    sentence: judged.sentence,
    checks,
  };
}

/** What it says when there was no look yet, or none for too long. */
export function withoutLook(now: string, last: Snapshot | undefined): HealthReport {
  return {
    status: "unhealthy",
    timestamp: wholeSeconds(now),
    last_backup_age_hours: "unknown",
    messages: [],
    sentence: last
      ? `The monitor has not looked since ${wholeSeconds(last.at)}, so nobody knows how the stack is.`
      : "The monitor has just started and has not looked yet.",
    checks: [],
  };
}

const wholeSeconds = (at: string) => at.replace(/\.\d+Z$/, "Z");

const isProblem = ({ status }: Check) => status !== "good" && status !== "pending";

/** Whole hours since the newest backup or dump. */
function backupAge({ agent }: StackFacts): string {
  if (!agent || isUnknown(agent)) return "unknown";
  const times = [
    ...(agent.repositories ?? []).flatMap(({ lastBackup }) => lastBackup?.at ?? []),
    ...(agent.dumps?.newest ?? []).map(({ takenAt }) => takenAt),
  ].map((at) => Date.parse(at));
  if (times.length === 0) return "unknown";
  const hours = (Date.parse(agent.at) - Math.max(...times)) / 3_600_000;
  return String(Math.max(0, Math.floor(hours)));
}
