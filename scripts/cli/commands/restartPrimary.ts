import { CliError } from "../terminal/cliError";
import { count, seconds } from "../terminal/format";
import type { Session } from "../session";
import { type Located, poolerOf, primaryOf, type StackOutputs } from "../stack/outputs";

export interface RestartOptions {
  /** Seconds in which transactions have to end. */
  wait: number;
  /** Restart also when they do not. */
  now?: boolean;
}

interface Restarted {
  primary: string;
  /** Clients that came past the pooler, or through an entry in session mode. */
  cut: number;
  /** How long the pooler's clients waited; absent where nobody held them. */
  heldSeconds?: number;
  seconds: number;
}

/** Restarts a managed primary while the pooler's clients wait: none of their transactions fails. */
export async function restartPrimary(session: Session, options: RestartOptions): Promise<void> {
  const outputs = await session.stackOutputs();
  const primary = primaryOf(outputs);
  if (!primary) throw notOurs(session, outputs);
  const { servers, terminal } = session;
  const pooler = poolerOf(outputs);

  terminal.progress("Writing a checkpoint, so that the restart is short.");
  await servers.checkpoint(primary).catch(({ message }: Error) => terminal.progress(message));
  session.stopIfInterrupted("nothing was restarted");
  const held = pooler && (await hold(session, pooler, options));
  const begun = Date.now();
  const restarted: Restarted = { primary: primary.name, cut: 0, seconds: 0 };
  try {
    session.stopIfInterrupted("nothing was restarted");
    restarted.cut = await servers.clients(primary).catch(() => 0);
    terminal.progress(`Restarting ${primary.name}.`);
    const say = (turn: string) => terminal.progress(`${primary.name}: ${turn}`);
    const work = servers.restart(primary, say, session.signal);
    await session.unlessInterrupted(work, `${primary.name} restarts all the same`);
  } finally {
    if (held) {
      await servers.release(pooler).catch(({ message }: Error) => {
        throw new CliError(`${message} '${session.command("release-pooler")}' tries it again.`);
      });
      restarted.heldSeconds = (Date.now() - held.since) / 1000;
    }
  }
  restarted.seconds = (Date.now() - begun) / 1000;
  session.show(restarted, () => summary(restarted));
}

/** Undefined where nothing is held: all is in session mode, or transactions shall be cut. */
async function hold(
  session: Session,
  pooler: Located,
  { wait, now = false }: RestartOptions,
): Promise<{ since: number } | undefined> {
  const limit = now ? 1 : wait;
  const { signal, servers, terminal } = session;
  terminal.progress(`Transactions under way get ${limit} s to end; new ones wait at the pooler.`);
  const since = Date.now();
  try {
    const held = await servers.hold(pooler, { seconds: limit, ...(signal ? { signal } : {}) });
    return held ? { since } : undefined;
  } catch (error) {
    session.stopIfInterrupted("nothing was restarted");
    const { message } = error as Error;
    if (!now) {
      const again = session.command("restart-primary --now");
      throw new CliError(`${message} Nothing was restarted; '${again}' does not wait for them.`);
    }
    terminal.progress(`${message} They are not waited for.`);
    return undefined;
  }
}

function notOurs(session: Session, outputs: StackOutputs): CliError {
  const how = poolerOf(outputs)
    ? `: '${session.command("hold-pooler")}' lets the pooler's clients wait meanwhile, and '${session.command("release-pooler")}' lets them go on.`
    : ".";
  return new CliError(
    `The primary of the stack ${session.stack} is not Laterbase's to restart: restart it where it runs${how}`,
  );
}

function summary({ primary, cut, heldSeconds, seconds: taken }: Restarted): string {
  const others = heldSeconds === undefined ? "" : " that did not come through a held pool";
  return [
    `${primary} was restarted in ${seconds(taken)}.`,
    heldSeconds === undefined
      ? "No pooler kept its clients waiting."
      : `The pooler's clients waited for ${seconds(heldSeconds)}, and none of them was cut.`,
    cut === 0
      ? "No other client was connected."
      : `${count(cut, "connection")}${others} ${cut === 1 ? "was" : "were"} cut.`,
  ].join("\n");
}
