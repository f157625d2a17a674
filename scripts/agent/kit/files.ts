import { randomBytes } from "node:crypto";
import { appendFile, chmod, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeOf } from "./failure";

/** Waits until a file is on the disk. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The answers of file systems that cannot sync a folder, such as shares. PostgreSQL ignores them too. */
const foldersNotSynced = ["EBADF", "EINVAL", "EISDIR", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/** Waits until the list of names in a folder is on the disk, where the file system can do that. */
export async function syncFolder(path: string): Promise<void> {
  await sync(path).catch(unlessOneOf(foldersNotSynced));
}

/** The answers of file systems that keep no modes. */
const modesNotKept = ["EPERM", "EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/** Sets a file's mode, where the file system keeps one. */
export async function setMode(path: string, mode: number): Promise<void> {
  await chmod(path, mode).catch(unlessOneOf(modesNotKept));
}

const unlessOneOf = (codes: readonly string[]) => (error: unknown) => {
  if (!codes.includes(codeOf(error) ?? "")) throw error;
};

const probeBytes = 1 << 20;

/**
 * Whether a megabyte more can be written into a folder, and into each of its files: FAT holds none of 4 GB.
 * A disk that is full, read-only or broken fails here with an errno. The files are spoilt.
 */
export async function canBeWritten(folder: string): Promise<boolean> {
  const probe = join(folder, `probe-${randomBytes(4).toString("hex")}`);
  const more = Buffer.alloc(probeBytes);
  try {
    const files = (await readdir(folder, { withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    await writeFile(probe, more);
    await sync(probe);
    for (const { name } of files) await appendFile(join(folder, name), more);
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** Writes a small file. A reader sees the old one or the new one, also after a power cut. */
export async function writeByRename(path: string, content: string, mode = 0o640): Promise<void> {
  // Two jobs in two processes may write at the same time.
  const beside = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFile(beside, content, { mode });
  await sync(beside);
  await rename(beside, path);
  await syncFolder(dirname(path));
}
