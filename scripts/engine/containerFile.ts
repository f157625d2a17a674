import type Docker from "dockerode";

/** Where the engine writes the size of a file, in its archive of one entry, and where the content begins. */
const [sizeAt, sizeEnd, contentAt] = [124, 136, 512];

/**
 * The text of a file in a container, which need not run. Undefined where there is no such file, and where it is
 * no plain file.
 */
export async function containerFile(
  container: Docker.Container,
  path: string,
): Promise<string | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of await container.getArchive({ path })) parts.push(part as Buffer);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
  const archive = Buffer.concat(parts);
  const size = Number.parseInt(archive.toString("latin1", sizeAt, sizeEnd), 8);
  return size > 0 ? archive.toString("utf8", contentAt, contentAt + size) : undefined;
}
