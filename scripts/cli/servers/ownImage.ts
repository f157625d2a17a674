import type Docker from "dockerode";
import { agentImage } from "../../../images/build/agent";
import { type ImageBuild, makeContexts } from "../../../images/build/context";
import { postgresImage } from "../../../images/build/postgres";
import { buildImage } from "../../engine/buildImage";
import { follow, inspectImage } from "../../engine/images";
import { registryLogin, registryOf } from "../../engine/registryLogin";
import { pushedImages } from "../../registry/pushedImages";
import { CliError } from "../terminal/cliError";

/** What of a stack's configuration decides its images. */
export interface ImageConfig {
  dockerHost?: string | undefined;
  primary: { version: number; extensions?: readonly string[] | undefined };
  images?: { registry: string; tag: string } | undefined;
}

type Say = (turn: string) => void;

/** The PostgreSQL image of a stack on an engine: built if it is missing, or pulled where `up` pulls it. */
export function stepImage(
  engine: Docker,
  config: ImageConfig,
  say: Say,
  signal: AbortSignal,
): Promise<string> {
  const { version, extensions } = config.primary;
  // A script needs no extension. A registry has the image with them.
  const build = postgresImage(version, config.images ? extensions : []);
  return ownImage(engine, build, config, `the image of PostgreSQL ${version}`, say, signal);
}

/** The agent's image of a stack on an engine, likewise. */
export async function planImage(
  engine: Docker,
  config: ImageConfig,
  say: Say,
  signal: AbortSignal,
): Promise<string> {
  const { version, extensions } = config.primary;
  // It is built on PostgreSQL's.
  if (!config.images) await stepImage(engine, config, say, signal);
  const build = agentImage(version, config.images ? extensions : []);
  return ownImage(engine, build, config, "the agent's image", say, signal);
}

async function ownImage(
  engine: Docker,
  build: ImageBuild,
  config: ImageConfig,
  what: string,
  say: Say,
  signal: AbortSignal,
): Promise<string> {
  if (config.images) return pulledImage(engine, build, config.images, config.dockerHost, what, say);
  makeContexts([build]);
  return builtImage(engine, build, what, say, signal);
}

async function pulledImage(
  engine: Docker,
  build: ImageBuild,
  place: NonNullable<ImageConfig["images"]>,
  host: string | undefined,
  what: string,
  say: Say,
): Promise<string> {
  const { images, refused, unknown } = await pushedImages({ own: build }, place, host);
  const [why] = [...refused, ...unknown];
  if (why) throw new CliError(why);
  const name = images.own!.pushed;
  if (await inspectImage(engine, name)) return name;
  say(`Pulling ${what}, which 'up' uses too.`);
  const login = await registryLogin(registryOf(name));
  await follow(await engine.pull(name, login ? { authconfig: login } : {}), () => undefined);
  return name;
}

const beatMs = 10_000;

/** An image on an engine, built if it is missing. */
async function builtImage(
  engine: Docker,
  { tag, context, buildArgs }: ImageBuild,
  what: string,
  say: Say,
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
