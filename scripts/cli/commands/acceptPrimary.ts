import type { PrimaryAcceptance } from "../../../contract/health/acceptPrimary";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { monitorOfStack } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

export const acceptPrimary: OperatorCommand = {
  name: "accept-primary",
  description: "say that the cluster that the primary is now is the one that is meant",
  example: "accept-primary",
  documented: "docs/health-checks.md#another-cluster",
  exits: { 4: "the stack has no monitor, or the primary is the cluster that it knows" },
  run: accept,
};

async function accept(session: Session): Promise<void> {
  const monitor = monitorOfStack(session.stack, (await session.stackState()).plain);
  const result = await session.askAt<PrimaryAcceptance>(monitor, "accept-primary", {});
  const { systemIdentifier, timeline } = result.seen;
  const cluster = `the cluster ${systemIdentifier} on timeline ${timeline}`;
  if (!result.accepted)
    throw new CliError(`The primary is ${cluster}, which the monitor knows: nothing changed.`, 4);
  session.show(
    result,
    () =>
      `Accepted: ${cluster} is the stack's primary. The check is good within half a minute. Backups of the former cluster stay what they are.`,
  );
}
