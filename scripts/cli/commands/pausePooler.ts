import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { poolerOfStack } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { waitOption } from "../terminal/waitOption";

export const pausePooler: OperatorCommand = {
  name: "pause-pooler",
  hiddenAliases: ["hold-pooler"],
  description: "make the pooler's clients wait, so that you can restart an external primary",
  example: "pause-pooler --wait 30",
  documented: "docs/connections.md#restarting-the-primary",
  options: [waitOption()],
  run: pause,
};

async function pause(session: Session, { wait }: { wait: number }): Promise<void> {
  const pooler = poolerOfStack(session.stack, await session.stackOutputs());
  const { signal, servers, terminal } = session;
  terminal.progress(`Running transactions have ${wait} s to finish; new ones wait in the pooler.`);
  const paused = await servers.pause(pooler, { seconds: wait, ...(signal ? { signal } : {}) });
  if (!paused) {
    throw new CliError(
      `${pooler.name} has no database in transaction mode, so there is nothing to pause.`,
      4,
    );
  }
  session.show({ paused: pooler.name }, () =>
    [
      `The clients of ${pooler.name} now wait, for two minutes at most. Restart PostgreSQL, and then run:`,
      `  ${session.command("resume-pooler")}`,
    ].join("\n"),
  );
}
