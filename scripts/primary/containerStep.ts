import { text } from "node:stream/consumers";
import { runStep } from "../engine/stepContainer";
import type { StepInput } from "./script";

/**
 * The program `primaryStep.ts apply|repair|remove`: runs a step's script by `bash -s`, in a container
 * of LATERBASE_IMAGE on LATERBASE_NETWORK of the engine LATERBASE_ENGINE. Its standard input is a
 * {@link StepInput} as JSON.
 */
export async function containerStep(read: (input: string) => StepInput): Promise<void> {
  const mode = process.argv[2] ?? "";
  const { script, remains } = read(await text(process.stdin));
  try {
    process.exitCode = await run(script, mode);
  } catch (error) {
    const where = process.env["LATERBASE_ENGINE"] || "the local Docker engine";
    const why = error instanceof Error ? error.message : String(error);
    const lines = [`The step's container cannot run on ${where}: ${why}`];
    if (mode === "remove") lines.push(...remains);
    process.stderr.write(`${lines.join("\n")}\n`);
    process.exitCode = 1;
  }
}

async function run(script: string, mode: string): Promise<number> {
  const { LATERBASE_ENGINE: host = "", LATERBASE_NETWORK: network = "" } = process.env;
  const image = process.env["LATERBASE_IMAGE"];
  if (!image) throw new Error("LATERBASE_IMAGE is not set");
  const said = await runStep({ host, image, network }, script, mode, (clear) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => void clear().then(() => process.exit(1)));
    }
  });
  process.stdout.write(said.stdout);
  process.stderr.write(said.stderr);
  return said.code;
}
