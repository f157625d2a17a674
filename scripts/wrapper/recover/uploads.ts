import { posix } from "node:path";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";

/** One path of a container that its image does not have, with everything below it. */
export interface Upload {
  /** The folder that it is in. */
  folder: string;
  /** A tar archive, with owners and modes. */
  archive: Buffer;
}

/** One line of `docker diff`. */
export interface Change {
  Path: string;
  /** What happened to it since the image. */
  Kind: number;
}

const modified = 0;
const added = 1;

/** Where files are uploaded to. Elsewhere a container keeps what it made itself, and makes it again. */
const roots = ["/etc", "/usr/local"];

/** Docker writes these into every container. */
const ofDocker = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab"];

/**
 * The paths to copy: what was added to the image, from the top, and the files of the image that were
 * changed. What is in a volume is in none of them.
 *
 * @param mounts where volumes and folders are mounted
 */
export function uploadedPaths(changes: readonly Change[], mounts: readonly string[]): string[] {
  const within = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
  const candidates = changes.filter(
    ({ Path, Kind }) =>
      [added, modified].includes(Kind) &&
      roots.some((root) => Path !== root && within(Path, root)) &&
      !ofDocker.includes(Path) &&
      !mounts.some((mount) => within(Path, mount) || within(mount, Path)),
  );
  const fresh = candidates.filter(({ Kind }) => Kind === added).map(({ Path }) => Path);
  const tops = fresh.filter(
    (path) => !fresh.some((other) => other !== path && within(path, other)),
  );
  const changed = candidates
    .filter(({ Kind, Path }) => Kind === modified && !isFolder(Path))
    .map(({ Path }) => Path);
  return [...tops, ...changed].sort();

  /** A folder shows as modified when something in it was added, modified or deleted. */
  function isFolder(path: string): boolean {
    return changes.some((other) => other.Path !== path && within(other.Path, path));
  }
}

/** Reads what was uploaded into a container, running or not. It stays in memory: some of it is secret. */
export async function readUploads(
  container: Docker.Container,
  mounts: readonly string[],
): Promise<Upload[]> {
  // Null for a container that is like its image.
  const changes = ((await container.changes()) as Change[] | null) ?? [];
  const uploads: Upload[] = [];
  for (const path of uploadedPaths(changes, mounts)) {
    const archive = await buffer(await container.getArchive({ path }));
    uploads.push({ folder: posix.dirname(path), archive });
  }
  return uploads;
}

/** Puts them into a container that was created and not started. */
export async function writeUploads(
  container: Docker.Container,
  uploads: readonly Upload[],
): Promise<void> {
  for (const { folder, archive } of uploads) await container.putArchive(archive, { path: folder });
}
