import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { execIn } from "./exec";

/** A file for a running container. */
interface Delivered {
  folder: string;
  name: string;
  /** It may be a secret: no argument, environment or log holds it. */
  content: string;
  mode: number;
  /** The number of its user and its group, whose the folder is too. */
  owner: number;
}

const limitMs = 60_000;

/**
 * Puts a file into a running container, by a rename: a reader sees the old one or the new one. It lasts as long as the
 * container, also when that restarts.
 *
 * @throws Error with one sentence
 */
export async function deliverFile(
  engine: Docker,
  container: string,
  { folder, name, content, mode, owner }: Delivered,
): Promise<void> {
  const beside = `${name}.new`;
  const tar = pack();
  tar.entry({ name: beside, mode, uid: owner, gid: owner, mtime: new Date() }, content);
  tar.finalize();
  const signal = AbortSignal.timeout(limitMs);
  await engine
    .getContainer(container)
    .putArchive(await buffer(tar), { path: folder })
    .catch((error: Error & { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
      throw new Error(`there is no container ${container}: bringing the stack up makes it.`);
    });
  // The folder belongs to the same user. Root has no right of its own in our containers.
  const words = ["mv", "-fT", `${folder}/${beside}`, `${folder}/${name}`];
  const said = await execIn(engine, container, words, "", signal, { user: `${owner}:${owner}` });
  if (said.code !== 0) {
    const [why = ""] = said.stderr.trim().split("\n");
    throw new Error(`${container} does not take ${folder}/${name}: ${why}`);
  }
}
