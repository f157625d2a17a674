import { text } from "node:stream/consumers";
import { remainsOf } from "../primary/script";
import { runStep } from "../engine/stepContainer";

const mode = process.argv[2] ?? "";

/**
 * `inContainer.ts apply|mend|remove`: runs the script on standard input by `bash -s`, in a container
 * of LATERBASE_IMAGE on LATERBASE_NETWORK of the engine LATERBASE_ENGINE.
 */
async function main(script: string): Promise<number> {
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

async function run(): Promise<void> {
  const script = await text(process.stdin);
  try {
    process.exitCode = await main(script);
  } catch (error) {
    const where = process.env.LATERBASE_ENGINE || "the local Docker engine";
    const why = error instanceof Error ? error.message : String(error);
    const left = mode === "remove" ? remainsOf(script) : "";
    process.stderr.write(`The step's container cannot run on ${where}: ${why}\n${left}`);
    process.exitCode = 1;
  }
}

void run();
