import { Option } from "commander";
import type { OperatorCommand } from "../operatorCommand";
import type { RestartResult } from "../results";
import type { Session } from "../session";
import { type KnownOutputs, type Located, poolerOf, primaryOf } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { count, seconds } from "../terminal/format";
import { waitOption } from "../terminal/waitOption";

export const restartPrimary: OperatorCommand = {
  name: "restart-primary",
  description: "restart a managed primary; the pooler's clients wait meanwhile",
  example: "restart-primary --wait 30",
  documented: "docs/connections.md#restarting-the-primary",
  options: [waitOption(), new Option("--now", "do not wait for running transactions: they fail")],
  run: restart,
};

interface RestartOptions {
  /** Seconds that running transactions have to finish. */
  wait: number;
  /** Restart even when they do not finish. */
  now?: boolean;
}

const NOTHING_RESTARTED = "nothing was restarted";

/** No transaction of the pooler's clients fails, unless `--now` allows it. */
async function restart(session: Session, options: RestartOptions): Promise<void> {
  const outputs = await session.stackOutputs();
  const primary = primaryOf(outputs);
  if (!primary) throw external(session, outputs);
  const { servers, terminal } = session;
  const pooler = poolerOf(outputs);

  terminal.progress("Writing a checkpoint, which makes the restart short.");
  await servers.checkpoint(primary).catch(({ message }: Error) => terminal.progress(message));
  session.stopIfInterrupted(NOTHING_RESTARTED);
  const paused = pooler && (await pause(session, pooler, options));
  const begun = Date.now();
  const restarted: RestartResult = { primary: primary.name, cut: 0, seconds: 0 };
  let failure = "";
  try {
    session.stopIfInterrupted(NOTHING_RESTARTED);
    restarted.cut = await servers.clients(primary).catch(() => 0);
    terminal.progress(`Restarting ${primary.name}.`);
    const say = (turn: string) => terminal.progress(`${primary.name}: ${turn}`);
    const work = servers.restart(primary, say, session.signal);
    await session.unlessInterrupted(work, `the restart of ${primary.name} continues`);
  } catch (error) {
    failure = `${(error as Error).message} `;
    throw error;
  } finally {
    if (paused) {
      await servers.resume(pooler).catch(({ message }: Error) => {
        throw new CliError(
          `${failure}${message} Try again with '${session.command("resume-pooler")}'.`,
        );
      });
      restarted.pausedSeconds = (Date.now() - paused.since) / 1000;
    }
  }
  restarted.seconds = (Date.now() - begun) / 1000;
  session.show(restarted, () => summary(restarted));
}

/** Undefined where no client waits: every database is in session mode, or `--now` was given. */
async function pause(
  session: Session,
  pooler: Located,
  { wait, now = false }: RestartOptions,
): Promise<{ since: number } | undefined> {
  const limit = now ? 1 : wait;
  const { signal, servers, terminal } = session;
  terminal.progress(`Running transactions have ${limit} s to finish; new ones wait in the pooler.`);
  const since = Date.now();
  try {
    const paused = await servers.pause(pooler, { seconds: limit, ...(signal ? { signal } : {}) });
    return paused ? { since } : undefined;
  } catch (error) {
    session.stopIfInterrupted(NOTHING_RESTARTED);
    const { message } = error as Error;
    if (!now) {
      const again = session.command("restart-primary --now");
      throw new CliError(`${message} Nothing was restarted; '${again}' does not wait for them.`);
    }
    terminal.progress(`${message} The restart does not wait for them.`);
    return undefined;
  }
}

function external(session: Session, outputs: KnownOutputs): CliError {
  const how = poolerOf(outputs)
    ? ` '${session.command("pause-pooler")}' makes the pooler's clients wait meanwhile, and '${session.command("resume-pooler")}' lets them continue.`
    : "";
  return new CliError(
    `The primary of the stack ${session.stack} is external, and Laterbase cannot restart it: restart it on its own machine.${how}`,
    4,
  );
}

/** PgBouncer disconnects a client that waits so long: its query_wait_timeout. */
const longestWait = 120;

export function summary({ primary, cut, pausedSeconds, seconds: taken }: RestartResult): string {
  const others = pausedSeconds === undefined ? "" : " outside of the paused pools";
  return [
    `${primary} was restarted in ${seconds(taken)}.`,
    pausedSeconds === undefined
      ? "No clients waited in a pooler."
      : `The pooler's clients waited for ${seconds(pausedSeconds)}, and ${
          pausedSeconds < longestWait
            ? "none of them lost its connection"
            : "those that waited for two minutes were disconnected"
        }.`,
    cut === 0
      ? "No other client was connected."
      : `${count(cut, "connection")}${others} ${cut === 1 ? "was" : "were"} ended.`,
  ].join("\n");
}
