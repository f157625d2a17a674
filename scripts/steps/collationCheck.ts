import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { visible } from "../../contract/visible";
import type { CollationCheckInput } from "../primary";
import { runBySsh } from "../primary/ssh";
import { runStep } from "../engine/stepContainer";
import { runProgram, type Target } from "./runProgram";

/** What the script prints, as JSON. */
interface Answer {
  databases: {
    /** The database's number, which is the same on the standby. */
    oid: number;
    /** What was done there, in one sentence. Empty: nothing. */
    said?: string;
    /** Why there is no amcheck. */
    why?: string | null;
    /** The same, in hexadecimal digits, where no session was possible. */
    hex?: string;
  }[];
  /** Of `apply`: up to where the standby has to replay WAL to have the extension too. */
  wal?: string;
}

/**
 * `collationCheck.ts <standby's container>`: checks that the text indexes of a standby are in the order of its
 * own locales, each once. amcheck does this. Only the primary can make that extension, so the script makes it
 * there for the time of the check, where it was not before. A database or an index that cannot be checked is
 * named in the verdict, and the others are checked.
 */
async function main({ engine, name }: Target): Promise<void> {
  const standby = engine.getContainer(name);
  const input = JSON.parse(await text(process.stdin)) as CollationCheckInput;
  if ((await inStandby(standby, ["verdict"])) === 0) return;
  // An interrupted run still drops what it made.
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => abort.abort());
  let failure: Error | undefined;
  try {
    const { wal, databases } = await onPrimary(input, "apply");
    if (!wal) throw new Error("the primary did not say where its WAL ends.");
    const reasons = databases.flatMap((one) =>
      reasonOf(one) ? [`${one.oid}=${reasonOf(one)}`] : [],
    );
    if ((await inStandby(standby, ["check", wal, ...reasons], abort.signal)) !== 0) {
      throw new Error(`${name} could not be checked, see above.`);
    }
  } catch (error) {
    failure = error as Error;
  }
  // When both fail, the first failure is the cause of the second.
  await onPrimary(input, "remove").catch((error: Error) => (failure ??= error));
  if (failure) throw failure;
}

/** Runs `laterbase-collation` in the standby's container and shows what it prints at once. */
async function inStandby(
  container: Docker.Container,
  args: string[],
  signal?: AbortSignal,
): Promise<number> {
  signal?.throwIfAborted();
  const exec = await container.exec({
    Cmd: ["laterbase-collation", ...args],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({});
  (container.modem as Docker["modem"]).demuxStream(stream, process.stdout, process.stderr);
  signal?.addEventListener("abort", () => stream.destroy(new Error("interrupted")));
  await new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject));
  return (await exec.inspect()).ExitCode ?? 1;
}

/** Runs the script on the primary. An interruption does not end it halfway. */
async function onPrimary(
  { script, ssh, place }: CollationCheckInput,
  mode: "apply" | "remove",
): Promise<Answer> {
  const said = await (ssh ? runBySsh(ssh, script, undefined, mode) : runStep(place, script, mode));
  if (said.code !== 0) throw new Error(said.stderr.trim() || `exit code ${said.code}`);
  const answer = JSON.parse(said.stdout) as Answer;
  for (const { said: sentence } of answer.databases) {
    if (sentence) console.log(visible(sentence));
  }
  return answer;
}

/** Why a database of the primary has no amcheck. */
function reasonOf({ why, hex }: Answer["databases"][number]): string {
  return visible(why ?? Buffer.from(hex ?? "", "hex").toString()).slice(0, 400);
}

const usage = "collationCheck.ts <the standby's container>";
void runProgram(usage, main, "The collation of the text indexes cannot be checked: ");
