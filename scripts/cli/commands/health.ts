import { type Check, exitOf } from "../../../contract/health/check";
import type { HealthReport } from "../../../contract/health/report";
import { reportOf } from "../../../contract/health/reportOf";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { monitorOf } from "../stack/outputs";
import type { StackState } from "../stack/stackState";
import { problems } from "../status/text";
import { CliError } from "../terminal/cliError";
import { moment } from "../terminal/format";
import { table } from "../terminal/table";

export const health: OperatorCommand = {
  name: "health",
  description: "say whether the data are safe, as the stack's monitor says it on its page",
  example: "health",
  documented: "docs/health.md#the-command",
  exits: {
    1: "the verdict is unhealthy, or the monitor does not answer",
    3: "the verdict is degraded",
  },
  run: showHealth,
};

async function showHealth(session: Session): Promise<void> {
  const known = await session.stackState();
  const monitor = monitorOf(known.plain);
  const report = monitor ? await session.servers.health(monitor) : await ownLook(session, known);
  session.show(report, () => healthText(session.stack, report));
  const code = exitOf({ verdict: report.status, sentence: report.sentence });
  if (code !== 0) throw new CliError("", code);
}

/** A stack without a monitor is looked at once, as `status` does. */
async function ownLook(session: Session, known: StackState): Promise<HealthReport> {
  const { collect, assess } = session.looks;
  const collected = await collect(known, () => session.superuser());
  const { checks, ...judged } = assess(session.stack, known.plain, collected);
  return reportOf({ at: collected.facts.at, facts: collected.facts, checks, judged });
}

/** The verdict first, then what is wrong, then every check. */
export function healthText(stack: string, report: HealthReport): string {
  const { status, sentence, timestamp, last_backup_age_hours: age, checks } = report;
  const wrong = checks.filter((one) => one.status !== "good" && one.status !== "pending");
  const newest =
    age === "unknown"
      ? "No backup or dump is known."
      : `The newest backup or dump is ${age} h old.`;
  return [
    `${status.toUpperCase()}: ${sentence}`,
    `Stack ${stack}, ${moment(timestamp)}. ${newest}`,
    ...(wrong.length > 0 ? [problems(wrong)] : []),
    ...(checks.length > 0 ? [table([["WHAT", "STATUS", "SINCE", ""], ...checks.map(row)])] : []),
  ].join("\n\n");
}

const row = ({ name, status, since, sentence }: Check) => [
  ...[name, status, since === undefined ? "" : moment(since), sentence],
];
