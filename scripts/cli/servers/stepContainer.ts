import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { postgresImage } from "../../../images/build/postgres";
import { connect } from "../../engine/connect";
import type { Said } from "../../engine/exec";
import { buildImage } from "../../providers/docker/build";
import { inspectImage } from "../../providers/docker/images";
import { CliError } from "../terminal/cliError";

interface Place {
  /** The engine; undefined is the local one. */
  host: string | undefined;
  /** PostgreSQL's, for its psql. */
  major: number;
  /** The stack's network, taken where it is there already. */
  network: string;
}

/** Runs a step's script in a container as `up` does, on an engine where nothing of the stack may be yet. */
export async function inStepContainer(
  { host, major, network }: Place,
  script: string,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<Said> {
  const engine = connect(host ? { host } : {});
  const image = await builtImage(engine, major, say, signal).catch(({ message }: Error) => {
    const [why = ""] = message.split("\n");
    throw new CliError(`The image of PostgreSQL ${major} cannot be had: ${why}`);
  });
  const isThere = await engine
    .getNetwork(network)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  const env = {
    ...process.env,
    LATERBASE_ENGINE: host ?? "",
    LATERBASE_IMAGE: image,
    LATERBASE_NETWORK: isThere ? network : "",
  };
  const words = ["--import", "tsx", "scripts/steps/primaryStep.ts", "apply"];
  // In a process of its own, which removes the container when it is told to end.
  const child = spawn(process.execPath, words, { env });
  const end = () => child.kill();
  signal.addEventListener("abort", end);
  const code = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
  // It may have ended already; why, it has said.
  child.stdin.on("error", () => undefined);
  child.stdin.end(script);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const said = { code: await code, stdout, stderr };
  signal.removeEventListener("abort", end);
  return said;
}

async function builtImage(
  engine: Docker,
  major: number,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const { tag, context, buildArgs } = postgresImage(major);
  if (await inspectImage(engine, tag)) return tag;
  say(`The image of PostgreSQL ${major} is built first, which 'up' will then find made.`);
  const build = { urn: "", name: tag, status: say, log: say, signal };
  await buildImage(engine, build, tag, { context, buildArgs: { ...buildArgs } });
  return tag;
}
