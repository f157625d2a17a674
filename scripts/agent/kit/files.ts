import { randomBytes } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Waits until a file, or the list of names in a folder, is on the disk. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const probeBytes = 1 << 20;

/**
 * Whether a megabyte more can be written into a folder. A disk that is full, read-only or broken
 * fails here with an errno.
 */
export async function canBeWritten(folder: string): Promise<boolean> {
  const probe = join(folder, `probe-${randomBytes(4).toString("hex")}`);
  try {
    await writeFile(probe, Buffer.alloc(probeBytes));
    await sync(probe);
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
  await sync(dirname(path));
}
