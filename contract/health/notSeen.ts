import type { Advice, Check } from "./check";
import { isUnknown, type Seen, type Unknown } from "./facts";
import type { ServerReport } from "./report";

/** The states of a server's supervisor in which nothing is wrong yet. */
const begins = ["starting", "waiting", "cloning", "verifying", "recloning"];

export const isBeginning = ({ state }: ServerReport) => begins.includes(state);

/** The states in which a person has to act. */
export const needsPerson = ({ state }: ServerReport) => state === "blocked" || state === "stalled";

/** What its supervisor says, as one sentence. */
export function reported({ state, detail }: ServerReport): string {
  const said = detail.trim() || `its supervisor says ${state}`;
  return `${said[0]!.toUpperCase()}${said.slice(1)}`.replace(/[.\s]*$/, ".");
}

/**
 * The check of a part that gave no answer. One that was asked twice and is down has failed. One that nobody could ask is
 * unknown, which is never good.
 */
export function notSeen(name: string, seen: Unknown, { operator, up }: Advice): Check {
  const { unknown, down, report } = seen;
  const logs = operator(`logs ${name}`);
  if (report && isBeginning(report))
    return { name, status: "degraded", sentence: reported(report), command: logs };
  if (report && needsPerson(report)) {
    const command = report.state === "blocked" ? operator(`rebuild ${name}`) : logs;
    return { name, status: "failed", sentence: reported(report), command };
  }
  return {
    name,
    status: down ? "failed" : "unknown",
    sentence: unknown,
    // What is stopped has no container that logs, and `up` starts it again.
    command: down === "stopped" ? up : logs,
  };
}

/** Only where the supervisor of a server is silent: what it reports is part of the other checks. */
export function supervisorCheck(
  name: string,
  report: Seen<ServerReport> | undefined,
  { operator }: Advice,
): Check[] {
  if (!report || !isUnknown(report)) return [];
  const command = operator(`logs ${name}`);
  return [{ name: `reports of ${name}`, status: "unknown", sentence: report.unknown, command }];
}
