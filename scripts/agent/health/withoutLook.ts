import type { HealthReport } from "../../../contract/health/report";
import type { Snapshot } from "./kit/snapshot";

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
