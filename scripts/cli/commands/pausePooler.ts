import { CliError } from "../terminal/cliError";
import type { Session } from "../session";
import { type Located, poolerOf } from "../stack/outputs";

/** Lets the pooler's clients wait once their transactions have ended, for a restart that is not ours. */
export async function holdPooler(session: Session, { wait }: { wait: number }): Promise<void> {
  const pooler = await poolerOfStack(session);
  const { signal, servers, terminal } = session;
  terminal.progress(`Transactions under way get ${wait} s to end; new ones wait at the pooler.`);
  const held = await servers.hold(pooler, { seconds: wait, ...(signal ? { signal } : {}) });
  if (!held) {
    throw new CliError(
      `${pooler.name} runs no entry in transaction mode: there is nothing to hold.`,
    );
  }
  session.show({ held: pooler.name }, () =>
    [
      `The clients of ${pooler.name} wait, for two minutes at most. Restart PostgreSQL now, and then:`,
      `  ${session.command("release-pooler")}`,
    ].join("\n"),
  );
}

/** Lets them go on. */
export async function releasePooler(session: Session): Promise<void> {
  const pooler = await poolerOfStack(session);
  await session.servers.release(pooler);
  session.show({ released: pooler.name }, () => `The clients of ${pooler.name} go on.`);
}

async function poolerOfStack(session: Session): Promise<Located> {
  const pooler = poolerOf(await session.stackOutputs());
  if (pooler) return pooler;
  throw new CliError(
    `The stack ${session.stack} has no pooler: set laterbase:pooler in Pulumi.${session.stack}.yaml and bring it up.`,
  );
}
