import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";

const EVERYTHING = "*";

const folderOf = ({ paths }: Context) => join(paths.run, "reading");

/**
 * Keeps retention away from a dump, or from all of them, while it is read. A note names the
 * reader's process, so a reader that was killed keeps nothing.
 *
 * @param id the dump; undefined: every dump
 */
export async function whileReading<T>(
  context: Context,
  id: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const folder = folderOf(context);
  const note = join(folder, `${process.pid}.${randomBytes(4).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  await writeFile(note, id ?? EVERYTHING);
  try {
    return await work();
  } finally {
    await rm(note, { force: true });
  }
}

/** Which dumps are read at this moment. */
export async function beingRead(context: Context): Promise<(id: string) => boolean> {
  const folder = folderOf(context);
  const notes = await readdir(folder).catch(() => [] as string[]);
  const ids = await Promise.all(
    notes
      .filter((note) => isAlive(Number.parseInt(note, 10)))
      .map((note) => readFile(join(folder, note), "utf8").catch(() => "")),
  );
  return (id) => ids.includes(id) || ids.includes(EVERYTHING);
}

/** Removes the notes of an earlier start: other processes have those numbers now. */
export async function forgetReaders(context: Context): Promise<void> {
  await rm(folderOf(context), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
