import { visible } from "../../../contract/visible";
import { follow } from "../../engine/images";
import { pushedDigest } from "../../engine/pushedImage";
import { contentTag, type MadeImage, pull, pushedContent, type Target } from "./build";

/** An image as the registry has it. */
export interface Published {
  name: string;
  image: string;
  tag: string;
  digest: string;
  bytes: number;
}

/**
 * Pushes images by the tag and by that of their content, and at last all of them as `latest`, so that `latest` never
 * is a mixture of two commits because one image could not be pushed. What is not reviewed gets no `latest`.
 *
 * @throws Error where the registry does not have afterwards what was pushed
 */
export async function publish(made: readonly MadeImage[], to: Target): Promise<Published[]> {
  const published: Published[] = [];
  for (const one of made) {
    await pushContent(one, to);
    await push(one, to.tag, to);
    const { name, image, bytes } = one;
    published.push({ name, image, tag: to.tag, digest: await digestOf(one, to), bytes });
  }
  if (to.prefix === "") for (const one of made) await push(one, "latest", to);
  return published;
}

/** Pushes the tag of a content that was built. It never puts an older digest back that another run has replaced. */
async function pushContent(one: MadeImage, to: Target): Promise<void> {
  if (one.found) return;
  if (to.fresh || !(await pushedContent(one.reference, to)))
    return push(one, contentTag(one.build, to.prefix), to);
  // Another run has pushed the same content since then. Its digest is the one that the next commit finds too.
  await pull(one.reference, to);
  to.say(`${one.name}: another pipeline has pushed it by now, so it is pulled`);
}

async function push(
  { image, reference }: MadeImage,
  tag: string,
  { engine, login }: Target,
): Promise<void> {
  await engine.getImage(reference).tag({ repo: image, tag });
  try {
    // The engine wants the header even where there is no login.
    const authconfig = login ?? { serveraddress: image };
    const stream = await engine.getImage(image).push({ tag, authconfig });
    await follow(stream, () => undefined);
  } catch (error) {
    const why = visible((error as Error).message.trim()).replace(/\.$/, "");
    throw new Error(`The image ${image}:${tag} cannot be pushed: ${why}.`, { cause: error });
  }
}

async function digestOf({ image }: MadeImage, { engine, login, tag }: Target): Promise<string> {
  const found = await pushedDigest(engine, `${image}:${tag}`, login);
  if ("digest" in found) return found.digest;
  throw new Error(`The registry does not have ${image}:${tag}, although it was just pushed.`);
}
