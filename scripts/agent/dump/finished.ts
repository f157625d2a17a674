import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";
import type { ListedDump } from "../../../contract/agentReplies";
import type { Manifest } from "../../../contract/manifest";

/** A finished dump: its folder below the backups, and its manifest. */
export interface FinishedDump {
  id: string;
  manifest: Manifest;
}

/** Every finished dump, or those of one database. The newest comes first. */
export async function finishedDumps(
  { paths }: Context,
  database?: string,
): Promise<FinishedDump[]> {
  const found: FinishedDump[] = [];
  for (const folder of await foldersIn(paths.backups)) {
    for (const name of await foldersIn(join(paths.backups, folder))) {
      const id = `${folder}/${name}`;
      const manifest = await readManifest(join(paths.backups, id));
      if (manifest && (database === undefined || manifest.database.name === database)) {
        found.push({ id, manifest });
      }
    }
  }
  return found.sort(
    (a, b) => b.manifest.takenAt.localeCompare(a.manifest.takenAt) || b.id.localeCompare(a.id),
  );
}

/** The size of all files of a dump. */
export function bytesOf({ files }: Manifest): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The finished dumps of all databases or of one, as commands print them, the newest first. */
export async function listDumps(context: Context, database?: string): Promise<ListedDump[]> {
  const dumps = await finishedDumps(context, database);
  return dumps.map(({ id, manifest }) => ({
    id,
    database: manifest.database.name,
    takenAt: manifest.takenAt,
    bytes: bytesOf(manifest),
    source: manifest.source.server,
    major: parseInt(manifest.source.version, 10),
  }));
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name);
}

/** A folder without a readable manifest is not a dump. */
async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as Manifest;
    return manifest.format === 1 ? manifest : undefined;
  } catch {
    return undefined;
  }
}
