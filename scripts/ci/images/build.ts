import { availableParallelism } from "node:os";
import type Docker from "dockerode";
import { visible } from "../../../contract/visible";
import { type ImageBuild, makeContexts } from "../../../images/build";
import { buildImage } from "../../engine/buildImage";
import { follow } from "../../engine/images";
import { pushedDigest } from "../../engine/pushedImage";
import type { RegistryLogin } from "../../engine/registryLogin";

/** Where images are made and pushed to. */
export interface Target {
  engine: Docker;
  login: RegistryLogin | undefined;
  registry: string;
  tag: string;
  /** What tags of content begin with, as the tag does. Empty: what is pushed has been reviewed. */
  prefix: string;
  labels: Record<string, string>;
  /** Whether an image is built anew although the registry, or the engine, has one of the same content. */
  fresh: boolean;
  say: (line: string) => void;
}

/** An image on the engine. */
export interface MadeImage {
  name: string;
  build: ImageBuild;
  /** Its repository in the registry. */
  image: string;
  /** What the engine calls it: the repository with the tag of its content. */
  reference: string;
  /** Whether the registry had it. */
  found: boolean;
  bytes: number;
  /** Those of the image that it stands on. */
  baseBytes: number;
}

/**
 * Makes all images, as many at a time as there are cores. One whose content the registry has already is pulled and not
 * built: so its digest stays, and a stack that gets the new tag does not restart what has not changed.
 *
 * @throws Error of the first that cannot be made
 */
export async function makeImages(
  images: readonly ImageBuild[],
  target: Target,
): Promise<MadeImage[]> {
  makeContexts(images);
  const slots = new Slots(availableParallelism());
  const made = new Map<string, Promise<MadeImage>>();
  for (const build of images) {
    // A base comes first in the list.
    const base = made.get(build.buildArgs["BASE"] ?? "");
    const begun = (async () => {
      const standsOn = (await base)?.reference;
      return slots.run(() => makeImage(build, standsOn, target));
    })();
    begun.catch(() => undefined);
    made.set(build.tag, begun);
  }
  return Promise.all(made.values());
}

/** The tag that names an image's content. The tag of an image that is built on the spot has the same hash. */
export const contentTag = ({ tag }: ImageBuild, prefix = "") =>
  `${prefix}content-${tag.slice(tag.lastIndexOf(":") + 1)}`;

/**
 * The digest that the registry has under the tag of a content. Undefined: it has none.
 *
 * @throws Error where it gives no answer
 */
export async function pushedContent(
  reference: string,
  { engine, login }: Target,
): Promise<string | undefined> {
  const found = await pushedDigest(engine, reference, login);
  if ("digest" in found) return found.digest;
  if (!("error" in found)) return undefined;
  // Built once more it would have another digest, and every stack would restart it.
  const why = visible(found.error.message.trim()).replace(/\.$/, "");
  throw new Error(`Nobody could say whether the registry has ${reference} already: ${why}.`);
}

/** Pulls an image, with the login where there is one. */
export async function pull(reference: string, { engine, login }: Target): Promise<void> {
  const options = login ? { authconfig: login } : {};
  await follow(await engine.pull(reference, options), () => undefined);
}

/** The first of these images that the registry has. */
async function firstPushed(references: Iterable<string>, target: Target) {
  for (const reference of references) {
    const digest = await pushedContent(reference, target);
    if (digest) return { reference, digest };
  }
  return undefined;
}

async function makeImage(
  build: ImageBuild,
  standsOn: string | undefined,
  target: Target,
): Promise<MadeImage> {
  const { engine, registry, prefix, say } = target;
  const { name, context, buildArgs, tag } = build;
  const image = `${registry}/${name}`;
  const own = `${image}:${contentTag(build, prefix)}`;
  const started = Date.now();
  // A merge request takes what is reviewed before its own, so that its preview shows no change where there is none.
  const known = new Set([`${image}:${contentTag(build)}`, own]);
  const found = target.fresh ? undefined : await firstPushed(known, target);
  const reference = found?.reference ?? own;
  const base = standsOn ?? buildArgs["BASE"] ?? "";
  if (found) {
    await pull(reference, target);
    say(`${name}: the registry has it already (${found.digest})`);
  } else {
    const { labels } = target;
    const watch = { status: () => undefined, signal: new AbortController().signal };
    const words = { context, buildArgs: { ...buildArgs, BASE: base }, labels, anew: target.fresh };
    await buildImage(engine, reference, words, watch).catch((error: Error) => {
      throw new Error(`The image ${name} (${tag}) cannot be built: ${error.message}`, {
        cause: error,
      });
    });
    say(`${name}: built in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  const [bytes, baseBytes] = [await bytesOf(engine, reference), await bytesOf(engine, base)];
  return { name, build, image, reference, found: found !== undefined, bytes, baseBytes };
}

/** The layers of an image, unpacked. 0: the engine does not have it, because nothing had to be built on it. */
async function bytesOf(engine: Docker, reference: string): Promise<number> {
  try {
    const layers = (await engine.getImage(reference).history()) as { Size: number }[];
    return layers.reduce((sum, { Size }) => sum + Size, 0);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return 0;
    throw error;
  }
}

/** Runs so many at a time. */
class Slots {
  private readonly waiting: (() => void)[] = [];
  constructor(private free: number) {}

  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.free -= 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
