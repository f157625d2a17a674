import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { connect } from "../engine/connect";
import type { CollationCheckInput } from "../primary";
import { runBySsh } from "../primary/ssh";
import { runStep } from "../engine/stepContainer";

/**
 * `textOrder.ts <standby's container>`: checks once for each clone that the text indexes of a standby
 * are in the order of its own locales. amcheck does so, which only the primary can make: it is there
 * for as long as the check takes, and stays where it was before.
 */
async function main(): Promise<void> {
  const [name] = process.argv.slice(2);
  if (!name) throw new Error("usage: textOrder.ts <container>");
  const host = process.env["LATERBASE_ENGINE"];
  const standby = connect(host ? { host } : {}).getContainer(name);
  const input = JSON.parse(await text(process.stdin)) as CollationCheckInput;
  if ((await order(standby, ["verdict"])) === 0) return;
  // An interrupted run still drops what it made.
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => abort.abort());
  let failure: Error | undefined;
  try {
    const wal = /^WAL (\S+)$/m.exec(await onPrimary(input, "apply"))?.[1];
    if (!wal) throw new Error("The primary did not say where its WAL ends.");
    if ((await order(standby, ["check", wal], abort.signal)) !== 0) {
      throw new Error(`${name} could not be checked, see above.`);
    }
  } catch (error) {
    failure = error as Error;
  }
  // What failed first is the cause of what fails here.
  await onPrimary(input, "remove").catch((error: Error) => (failure ??= error));
  if (failure) throw failure;
}

/** `laterbase-collation` in the standby's container; what it prints is seen at once. */
async function order(
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

/** An interruption does not reach it: what was begun on the primary is ended. */
async function onPrimary(
  { script, ssh, place }: CollationCheckInput,
  mode: string,
): Promise<string> {
  const said = await (ssh ? runBySsh(ssh, script, undefined, mode) : runStep(place, script, mode));
  if (said.code !== 0) throw new Error(said.stderr.trim() || `exit code ${said.code}`);
  const lines = said.stdout.split("\n").filter((line) => line && !line.startsWith("WAL "));
  if (lines.length > 0) console.log(lines.join("\n"));
  return said.stdout;
}

main().catch((error: Error) => {
  console.error(`The order of text cannot be checked: ${error.message}`);
  process.exitCode = 1;
});
