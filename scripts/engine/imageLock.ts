import type Docker from "dockerode";
import { imageRecord, lockedImage } from "../../contract/imageLock";
import { inspectImage } from "./images";

interface Asked {
  /** The role of the container that runs the image. */
  role: string;
  /** The image with its tag. */
  image: string;
  /** The record of the last run. Undefined: there is none, or it was given up. */
  recorded: string | undefined;
  /** How the operator accepts another content. */
  accept: string;
}

/** What an engine has under an image's tag, as a record. */
export async function recordOf(engine: Docker, image: string): Promise<string> {
  const found = await inspectImage(engine, image);
  if (!found) throw new Error(`The engine has no image ${image}, although it was just pulled.`);
  const digest = digestOf(image, found.RepoDigests ?? []);
  return imageRecord(image, { id: found.Id, ...(digest ? { digest } : {}) });
}

/** The digest of the image in the repository that it was pulled from. */
function digestOf(image: string, digests: readonly string[]): string | undefined {
  const repository = image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  const own = digests.find((one) => one.startsWith(`${repository}@`)) ?? only(digests);
  return own?.slice(own.indexOf("@") + 1);
}

const only = ([one, ...others]: readonly string[]) => (others.length === 0 ? one : undefined);

/**
 * The record to keep. A new tag, or none recorded, is recorded as it is.
 *
 * @param found the record of what the engine has now
 * @throws Error where the recorded tag has another content now
 */
export function keptRecord(found: string, { role, image, recorded, accept }: Asked): string {
  const before = lockedImage(recorded ?? "");
  const now = lockedImage(found);
  if (before.image !== image || before.content === "" || before.content === now.content) {
    return found;
  }
  throw new Error(
    `The image ${image} of ${role} is now ${now.content}, and not ${before.content}, which was pulled first: ` +
      `somebody replaced it, there or on this engine. If you trust it, run '${accept}' and bring the stack up again.`,
  );
}
