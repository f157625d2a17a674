import { Option } from "commander";
import type { TestResult } from "../../../contract/health/notifyTest";
import { visible } from "../../../contract/visible";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { monitorOfStack } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

export const notify: OperatorCommand = {
  name: "notify",
  description: "send a test message through each target of laterbase:health.notify",
  options: [new Option("--test", "send the test messages")],
  example: "notify --test",
  documented: "docs/health-messages.md#try-it",
  exits: { 1: "a target was not reached", 4: "the stack has no monitor, or no target" },
  misuse: ({ test }: NotifyOptions) =>
    test === true ? undefined : "add --test: messages about changes are sent by the monitor itself",
  run: sendTests,
};

interface NotifyOptions {
  test?: boolean;
}

async function sendTests(session: Session): Promise<void> {
  const { stack } = session;
  const monitor = monitorOfStack(stack, (await session.stackState()).plain);
  const results = await session.askAt<TestResult[]>(monitor, "notify-test", {});
  if (results.length === 0) {
    throw new CliError(
      `The stack ${stack} sends no messages: set laterbase:health.notify in Pulumi.${stack}.yaml and bring it up.`,
      4,
    );
  }
  session.show(results, () => results.map(lineOf).join("\n"));
  const failed = results.filter(({ sent }) => !sent);
  if (failed.length > 0)
    throw new CliError(failed.length === 1 ? missed(failed[0]!) : missedAll(failed));
}

function lineOf({ target, sent, code, note, seconds }: TestResult): string {
  const result = sent ? `sent in ${seconds} s` : `not sent: ${code}`;
  return visible(`${target}: ${result}${note === undefined ? "" : `; ${note}`}`);
}

const missed = ({ target }: TestResult) => visible(`${target} was not reached.`);

const missedAll = (failed: readonly TestResult[]) =>
  visible(`${failed.map(({ target }) => target).join(", ")} were not reached.`);
