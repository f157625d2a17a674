import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { DumpsOverview, NewestDump } from "../../../contract/agentOverview";
import { bytesOf, readDump } from "../dump/finished";
import { manifestKey } from "../dump/signature";
import type { Context } from "../kit/context";

/** How many folders of one database are opened at most: those of a killed run are not dumps. */
const looksAtMost = 5;

/**
 * The newest dump of each database. Thousands of manifests would take seconds to read, so only those are read whose
 * names say that they are the newest.
 */
export async function newestDumps(context: Context): Promise<DumpsOverview> {
  const { backups } = context.paths;
  const key = await manifestKey(context);
  let count = 0;
  const newest = await Promise.all(
    (await foldersIn(backups)).map(async (folder) => {
      const names = (await foldersIn(join(backups, folder))).sort().reverse();
      count += names.length;
      for (const name of names.slice(0, looksAtMost)) {
        const id = `${folder}/${name}`;
        const found = await readDump(join(backups, id), id, key);
        if (!found || "problem" in found) continue;
        const { manifest, signature } = found;
        const { takenAt, database } = manifest;
        const dump: NewestDump = {
          id,
          database: database.name,
          takenAt,
          bytes: bytesOf(manifest),
          signature,
        };
        return [dump];
      }
      return [];
    }),
  );
  return { newest: newest.flat().sort((a, b) => (a.database < b.database ? -1 : 1)), count };
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name);
}
