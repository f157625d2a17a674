import type Docker from "dockerode";
import { execa } from "execa";
import type { ImageBuild } from "../../../images/build/context";
import { postgresImage } from "../../../images/build/postgres";
import { buildImage } from "../../engine/buildImage";
import { connect } from "../../engine/connect";
import type { Said } from "../../engine/exec";
import { inspectImage } from "../../engine/images";
import type { StepInput } from "../../primary";
import { CliError } from "../terminal/cliError";

interface Place {
  /** The engine's address; undefined for the local one. */
  host: string | undefined;
  /** PostgreSQL's major, for its psql. */
  major: number;
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
  { host, major, network }: Place,
  { script, mode }: Run,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<Said> {
  const engine = connect({ host });
  const image = await stepImage(engine, major, say, signal);
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

const beatMs = 10_000;

/** The PostgreSQL image of a major on an engine, built if it is missing. */
export function stepImage(
  engine: Docker,
  major: number,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<string> {
  return builtImage(engine, postgresImage(major), `the image of PostgreSQL ${major}`, say, signal);
}

/** An image on an engine, built if it is missing. */
export async function builtImage(
  engine: Docker,
  { tag, context, buildArgs }: ImageBuild,
  what: string,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<string> {
  if (await inspectImage(engine, tag)) return tag;
  say(`Building ${what}, which 'up' uses too: this takes a minute or two.`);
  // One of its steps takes nearly all of the time, and prints nothing.
  const begun = Date.now();
  const beat = setInterval(
    () => say(`Still building ${what}: ${Math.round((Date.now() - begun) / 1000)} s.`),
    beatMs,
  );
  try {
    const build = { context, buildArgs: { ...buildArgs } };
    await buildImage(engine, tag, build, { status: say, signal });
  } catch (error) {
    const [why = ""] = (error as Error).message.split("\n");
    throw new CliError(`${what[0]!.toUpperCase()}${what.slice(1)} cannot be built: ${why}`);
  } finally {
    clearInterval(beat);
  }
  return tag;
}
