import { readdirSync } from "node:fs";
import type Docker from "dockerode";
import { postgresImage as source } from "../images";

/** The tag of a stack's own image, built on this engine when no stack has done so yet. */
export async function postgresImage(
  engine: Docker,
  major: number,
  say: (line: string) => void,
): Promise<string> {
  const { tag, context, buildArgs } = source(major);
  const present = await engine
    .getImage(tag)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (present) return tag;
  say(`building ${tag}`);
  const src = readdirSync(context);
  const stream = await engine.buildImage({ context, src }, { t: tag, buildargs: buildArgs });
  const lines = await new Promise<{ error?: string }[]>((resolve, reject) =>
    engine.modem.followProgress(stream, (error, all: { error?: string }[]) =>
      error ? reject(error) : resolve(all),
    ),
  );
  const failed = lines.find(({ error }) => error);
  if (failed) throw new Error(`${tag} could not be built: ${failed.error}`);
  return tag;
}
