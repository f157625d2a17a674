import "../patches/stubbedDockerode";
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { visibleLines } from "../../contract/visible";
import { applyFiles, pauseClients, resumeClients } from "../pooler";
import type { SuperuserLoginInput } from "../primary";
import { LocalPrimary } from "../primary/localPrimary";
import { isVerifierOf, scramVerifier } from "../../contract/scramVerifier";
import { runProgram, type Target } from "./runProgram";

const pauseSeconds = 10;

/**
 * `primaryLogin.ts <the primary's container>`: sets the superuser's password of a managed primary,
 * unless the server has it already, and hands the pooler its userlist. The same for roles in that list that an
 * earlier `up` has made. The pooler's clients wait meanwhile, so that no login fails because one side still has the
 * old password.
 */
async function main({ engine, name }: Target): Promise<string> {
  const { password, pooler } = JSON.parse(await text(process.stdin)) as SuperuserLoginInput;
  const server = new LocalPrimary(engine, name);
  const stored = await server.verifier();
  const set = () => server.setVerifier(scramVerifier(password, randomBytes(16)));
  const known = isVerifierOf(stored, password);
  const roles = await server.differing(pooler?.roles ?? []);
  const changes = !known || roles.length > 0;
  const verb = known ? "is unchanged" : "is set";
  if (known) await server.record(stored);
  if (!pooler) {
    if (!known) await set();
    return `The superuser's password ${verb}.`;
  }
  // A rotation that stops halfway locks the pooler out. It takes seconds, so signals wait for its end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => undefined);
  const paused = changes && (await pauseAny(engine, pooler.container));
  try {
    if (!known) await set();
    await server.setRoles(roles);
    if (changes) await server.replayed().catch(warn);
    await applyFiles(engine, pooler.container, { "userlist.txt": pooler.userlist }).catch(fail);
  } finally {
    if (paused) await resumeClients(engine, pooler.container).catch(warn);
  }
  const knows = process.exitCode ? "" : ", and the pooler knows it";
  const others = roles.map(({ name }) => `The password of ${name} is set.`);
  return [`The superuser's password ${verb}${knows}.`, ...others].join("\n");
}

/**
 * Pauses the pooler's clients, and returns whether it did. When a long report runs on the standby, only
 * the primary's clients are paused. When something long runs there too, no client is paused, and the
 * password is set all the same.
 */
async function pauseAny(engine: Docker, pooler: string): Promise<boolean> {
  for (const which of ["all", "primary"] as const) {
    try {
      return await pauseClients(engine, pooler, { seconds: pauseSeconds, which });
    } catch (error) {
      warn(error as Error);
    }
  }
  return false;
}

const warn = ({ message }: Error) => console.error(visibleLines(message));

/** The password is in force by then. So the failure is reported on its own, and the next `up` tries again. */
function fail(error: Error): void {
  warn(error);
  process.exitCode = 1;
}

void runProgram(
  "primaryLogin.ts <the primary's container>",
  async (target) => console.log(await main(target)),
  "The superuser's password cannot be set: ",
);
