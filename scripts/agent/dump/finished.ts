import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseManifest } from "../../../contract/manifestSchema";
import type { Context } from "../kit/context";
import type { ListedDump } from "../../../contract/agentReplies";
import type { Manifest, Signature } from "../../../contract/manifest";
import { type DatedDump, newestFirst } from "../../../contract/dumpOrder";
import { inFuture } from "../../../contract/clock";
import { manifestKey, signatureFile, whoSigned } from "./signature";

/** A finished dump: its folder below the backups, and its manifest. */
export interface FinishedDump {
  id: string;
  manifest: Manifest;
  signature: Signature;
  /** The manifest's number. Only our own signature makes it one of this stack's. */
  number?: number;
}

/** A folder whose manifest cannot be used. It is neither listed, nor restored, nor removed. */
export interface BadDump {
  id: string;
  /** One sentence. */
  problem: string;
}

/** Every finished dump, or those of one database. The newest comes first. */
export async function finishedDumps(context: Context, database?: string): Promise<FinishedDump[]> {
  return (await readDumps(context, database)).dumps;
}

/** The finished dumps, and the folders whose manifest is wrong. */
export async function readDumps(
  context: Context,
  database?: string,
): Promise<{ dumps: FinishedDump[]; bad: BadDump[] }> {
  const { backups } = context.paths;
  const key = await manifestKey(context);
  const dumps: FinishedDump[] = [];
  const bad: BadDump[] = [];
  for (const folder of await foldersIn(backups)) {
    for (const name of await foldersIn(join(backups, folder))) {
      const id = `${folder}/${name}`;
      const found = await readDump(join(backups, id), id, key);
      if (!found) continue;
      if ("problem" in found) bad.push(found);
      else if (database === undefined || found.manifest.database.name === database) {
        dumps.push(found);
      }
    }
  }
  dumps.sort((a, b) => newestFirst(dated(a), dated(b)));
  return { dumps, bad };
}

/** What says whether a dump is newer than another. */
export function dated({ id, manifest, number }: FinishedDump): DatedDump {
  return { id, takenAt: manifest.takenAt, ...(number === undefined ? {} : { number }) };
}

/** The size of all files of a dump. */
export function bytesOf({ files }: Manifest): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * The finished dumps of all databases or of one, as commands print them, the newest first.
 *
 * @param say gets a sentence on each folder whose manifest is wrong, and on each dump of the future
 */
export async function listDumps(
  context: Context,
  database?: string,
  say: (sentence: string) => void = () => undefined,
): Promise<ListedDump[]> {
  const { dumps, bad } = await readDumps(context, database);
  for (const { problem } of bad) say(problem);
  for (const { id, manifest } of dumps) if (inFuture(manifest.takenAt)) say(futureDump(id));
  const named = new Set<string>();
  return dumps.map((dump) => {
    const { name } = dump.manifest.database;
    const newest = !named.has(name);
    named.add(name);
    const { leftOut } = dump.manifest;
    return { ...listedDump(dump), ...(newest && leftOut.length > 0 ? { omissions: leftOut } : {}) };
  });
}

/** What a dump of the future means, and the way out. */
export function futureDump(id: string): string {
  return (
    `${id} lies in the future: the clock of the agent's machine was wrong when it was made, or is wrong now. ` +
    "Retention removes no dump of its database until the clock is right, or delete-dump has removed this one."
  );
}

/** A dump as commands print it. */
export function listedDump(dump: FinishedDump): ListedDump {
  const { manifest, signature } = dump;
  return {
    ...dated(dump),
    database: manifest.database.name,
    ...(inFuture(manifest.takenAt) ? { future: true } : {}),
    bytes: bytesOf(manifest),
    source: manifest.source.server,
    major: parseInt(manifest.source.version, 10),
    signature,
    leftOut: manifest.leftOut.length,
  };
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name);
}

/** Reads the manifest in a folder. A folder without one is not a dump. */
export async function readDump(
  folder: string,
  id: string,
  key: string | undefined,
): Promise<FinishedDump | BadDump | undefined> {
  const bytes = await readFile(join(folder, "manifest.json")).catch(() => undefined);
  if (!bytes) return undefined;
  const parsed = parseManifest(bytes.toString("utf8"));
  if ("problem" in parsed) {
    const problem = `${id} is not used as a dump: in its manifest.json, ${parsed.problem}.`;
    return { id, problem };
  }
  const signature = await readFile(join(folder, signatureFile), "utf8").catch(() => undefined);
  const signed = whoSigned(key, bytes, signature);
  const number = signed === "ours" ? parsed.number : undefined;
  return { id, manifest: parsed, signature: signed, ...(number === undefined ? {} : { number }) };
}
