import { execa } from "execa";
import { connect } from "../../engine/connect";
import type { Said } from "../../engine/exec";
import type { StepInput } from "../../primary";
import { type ImageConfig, stepImage } from "./ownImage";

interface Place {
  /** The engine's address; undefined for the local one. */
  host: string | undefined;
  /** What decides the image, whose psql the script needs. */
  config: ImageConfig;
  /** The stack's network. Before the first `up` it does not exist, and the engine's default serves. */
  network: string;
}

/** A script of a step, and what it is to do: `apply` or `remove`. */
export interface Run {
  script: string;
  mode: "apply" | "remove";
}

/** Runs a step's script in a container, as `up` does. The stack need not be up. */
export async function inStepContainer(
  { host, config, network }: Place,
  { script, mode }: Run,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<Said> {
  const engine = connect({ host });
  const image = await stepImage(engine, config, say, signal);
  const networkExists = await engine
    .getNetwork(network)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  // A process of its own: it removes the container when the signal ends it.
  const step = await execa(
    process.execPath,
    ["--import", "tsx", "scripts/steps/primaryStep.ts", mode],
    {
      env: {
        LATERBASE_ENGINE: host ?? "",
        LATERBASE_IMAGE: image,
        LATERBASE_NETWORK: networkExists ? network : "",
      },
      input: JSON.stringify({ script, remains: [] } satisfies StepInput),
      reject: false,
      signal,
      stripFinalNewline: false,
    },
  );
  return { code: step.exitCode ?? 1, stdout: step.stdout ?? "", stderr: step.stderr ?? "" };
}
