import { readdirSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { type ImageBuild, makeContexts } from "../../images/build";

const builds = new Map<string, Promise<string>>();

/** The tag of an image that exists on this engine; built if necessary. Parallel calls share one build. */
export function builtImage(
  engine: Docker,
  image: ImageBuild,
  say: (line: string) => void = () => undefined,
): Promise<string> {
  const begun = builds.get(image.tag) ?? buildOnce(engine, image, say);
  builds.set(image.tag, begun);
  return begun;
}

async function buildOnce(
  engine: Docker,
  image: ImageBuild,
  say: (line: string) => void,
): Promise<string> {
  const { tag, context, buildArgs } = image;
  const there = await engine
    .getImage(tag)
    .inspect()
    .catch(() => undefined);
  if (there) return tag;
  say(`building ${tag}`);
  makeContexts([image]);
  const folder = join(__dirname, "../..", context);
  const files = { context: folder, src: readdirSync(folder) };
  await finished(engine, tag, await engine.buildImage(files, { t: tag, buildargs: buildArgs }));
  return tag;
}

/** Waits for the end of a build or a pull. A failure is only reported in its stream. */
export async function finished(
  engine: Docker,
  tag: string,
  stream: NodeJS.ReadableStream,
): Promise<void> {
  const lines = await new Promise<{ error?: string }[]>((resolve, reject) =>
    engine.modem.followProgress(stream, (error, all: { error?: string }[]) =>
      error ? reject(error) : resolve(all),
    ),
  );
  const failed = lines.find(({ error }) => error);
  if (failed) throw new Error(`${tag} could not be made: ${failed.error}`);
}
