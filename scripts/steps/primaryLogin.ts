import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { connect } from "../engine/connect";
import { deliver, hold, release } from "../pooler";
import { LocalPrimary } from "../primary/localPrimary";
import { isVerifierOf, scramVerifier } from "../primary/verifier";

const holdSeconds = 10;

/** What stands on standard input, as JSON. */
interface Wanted {
  password: string;
  /** Where there is a pooler: its container, and its userlist with that password. */
  pooler?: { container: string; userlist: string };
}

/**
 * `primaryLogin.ts <the primary's container>`: the superuser of a managed primary gets the password
 * on standard input, unless it has it. The pooler learns it while its clients wait, so that nobody
 * logs in with the other one in between.
 */
async function main(): Promise<string> {
  const [primary] = process.argv.slice(2);
  if (!primary) throw new Error("usage: primaryLogin.ts <the primary's container>");
  const { password, pooler } = JSON.parse(await text(process.stdin)) as Wanted;
  const host = process.env["LATERBASE_ENGINE"];
  const engine = connect(host ? { host } : {});
  const server = new LocalPrimary(engine, primary);
  const stored = await server.verifier();
  if (isVerifierOf(stored, password)) {
    await server.record(stored);
    return "The superuser's password stands.";
  }
  const set = () => server.setVerifier(scramVerifier(password, randomBytes(16)));
  if (!pooler) {
    await set();
    return "The superuser's password is set.";
  }
  // Half of it would lock the pooler out: it is a matter of seconds, and is brought to its end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => undefined);
  const held = await holdClients(engine, pooler.container);
  try {
    await set();
    await server.replayed().catch(warn);
    const files = { "userlist.txt": pooler.userlist };
    // Its whole configuration comes next: what keeps it from this is said then.
    await deliver(engine, pooler.container, files).catch(warn);
  } finally {
    if (held) await release(engine, pooler.container).catch(warn);
  }
  return "The superuser's password is set, and the pooler knows it.";
}

/**
 * Whether clients are held. A long report on the standby need not keep those of the primary from it,
 * and one that nobody can wait for need not keep the password.
 */
async function holdClients(engine: Docker, pooler: string): Promise<boolean> {
  for (const which of ["all", "primary"] as const) {
    try {
      return await hold(engine, pooler, { seconds: holdSeconds, which });
    } catch (error) {
      warn(error as Error);
    }
  }
  return false;
}

const warn = ({ message }: Error) => console.error(message);

main().then(
  (said) => console.log(said),
  (error: Error) => {
    console.error(`The superuser's password cannot be set: ${error.message}`);
    process.exitCode = 1;
  },
);
