import { text } from "node:stream/consumers";
import pRetry from "p-retry";
import type { Said } from "../engine/exec";
import { runStep } from "../engine/stepContainer";
import { notReachedBySsh } from "./refusals";
import type { StepInput } from "./script";
import type * as Ssh from "./ssh";
import type { SshTarget } from "./ssh";

/**
 * The program `primaryStep.ts apply|repair|remove`: runs a step's script by `bash -s`, on the primary's own
 * machine over SSH or in a container of LATERBASE_IMAGE on LATERBASE_NETWORK of the engine LATERBASE_ENGINE.
 * Its standard input, a {@link StepInput} as JSON, says which. So a step is one resource, and another way to
 * reach the primary only updates it: no inverse runs.
 */
export async function stepProgram(read: (input: string) => StepInput): Promise<void> {
  const mode = process.argv[2] ?? "";
  const { script, remains, ssh } = read(await text(process.stdin));
  try {
    const said = ssh ? await overSsh(ssh, script, mode) : await inContainer(script, mode);
    process.stdout.write(said.stdout);
    process.stderr.write(said.stderr);
    process.exitCode = said.code;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const lines = [ssh ? notReachedBySsh(ssh, why) : noContainer(why)];
    if (mode === "remove") lines.push(...remains);
    process.stderr.write(`${lines.join("\n")}\n`);
    process.exitCode = 1;
  }
}

function noContainer(why: string): string {
  const where = process.env["LATERBASE_ENGINE"] || "the local Docker engine";
  return `The step's container cannot run on ${where}: ${why}`;
}

/** A machine that wakes up, or a server with many logins at once, gets some more attempts. */
async function overSsh(ssh: SshTarget, script: string, mode: string): Promise<Said> {
  // Loaded late, because the steps by SQL do without it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- CommonJS
  const { NoSshSession, runBySsh } = require("./ssh") as typeof Ssh;
  return pRetry(() => runBySsh(ssh, script, undefined, mode, 15_000), {
    retries: 3,
    minTimeout: 500,
    shouldRetry: ({ error }) => error instanceof NoSshSession && error.passing,
  });
}

function inContainer(script: string, mode: string): Promise<Said> {
  const { LATERBASE_ENGINE: host = "", LATERBASE_NETWORK: network = "" } = process.env;
  const image = process.env["LATERBASE_IMAGE"];
  if (!image) throw new Error("LATERBASE_IMAGE is not set");
  return runStep({ host, image, network }, script, mode, (clear) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => void clear().then(() => process.exit(1)));
    }
  });
}
