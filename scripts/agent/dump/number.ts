import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";
import { writeByRename } from "../kit/files";

/** It is kept beside the records: a removed dump leaves no number to count from. */
const FILE = "dump.number";

/**
 * Takes the number of the next dump. It is higher than that of every dump there is, and than every number that
 * was taken before. Dumps run one at a time.
 *
 * @param highest the highest number of the dumps of all databases
 */
export async function takeNumber({ paths }: Context, highest: number): Promise<number> {
  const file = join(paths.records, FILE);
  const kept = /^\d{1,15}\n?$/.exec(await readFile(file, "utf8").catch(() => ""))?.[0] ?? "0";
  const next = Math.max(Number.parseInt(kept, 10), highest) + 1;
  await mkdir(paths.records, { recursive: true, mode: 0o750 });
  await writeByRename(file, `${next}\n`);
  return next;
}
