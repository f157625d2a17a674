import { randomBytes } from "node:crypto";
import { open, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Waits until a file, or the names in a folder, are on the disk. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a small file so that a reader sees the old one or the new one, also after a power cut. */
export async function writeByRename(path: string, content: string, mode = 0o640): Promise<void> {
  // Two jobs may write at the same time, each in a process of its own.
  const beside = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFile(beside, content, { mode });
  await sync(beside);
  await rename(beside, path);
  await sync(dirname(path));
}
