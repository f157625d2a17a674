import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { TakenDumps } from "../../../contract/agentReplies";
import { newestFirst } from "../../../contract/dumpOrder";
import { receivedDump } from "../../../contract/receivedDump";
import { type FinishedDump, listedDump, readDump, readDumps } from "../dump/finished";
import { nameThere, usableName } from "../dump/folderNames";
import { stamp } from "../dump/folders";
import { manifestKey } from "../dump/signature";
import type { Context, Say, Work } from "../kit/context";
import { codeOf, Failure, sentenceOf } from "../kit/failure";
import { setMode, sync, syncFolder } from "../kit/files";
import { checkFiles, unchanged } from "./findDump";

const DAY_MS = 24 * 3600 * 1000;

/** How deep below the received folder a dump may be: an archive may keep the path of the dumps. */
const DEEPEST = 4;

/** A dump's folder is named by its time. */
const STAMP = /^\d{8}T\d{6}Z(?:-\d+)?$/;

/**
 * `take-dumps`: takes the dumps below a folder that the operator's command filled. Each is checked against
 * its manifest and gets its name by a rename. A dump that is there already is never replaced.
 */
export const takeDumps: Work = async ({ token }, context, say, signal): Promise<TakenDumps> => {
  const from = typeof token === "string" ? receivedDump.folderFor(token) : undefined;
  if (from === undefined) throw new Failure("take-dumps needs the token of a received folder.");
  const received = join(context.paths.backups, from);
  const result: TakenDumps = { taken: [], there: [], bad: [], expiring: [] };
  const key = await manifestKey(context);
  for (const folder of await dumpsBelow(received)) {
    signal.throwIfAborted();
    const shown = relative(received, folder);
    const found = await readDump(folder, shown, key);
    if (!found) continue;
    if ("problem" in found) {
      result.bad.push(found);
      continue;
    }
    try {
      await take(context, folder, found, { say, signal, result });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      result.bad.push({ id: shown, problem: sentenceOf(error) });
    }
  }
  result.taken.sort(newestFirst);
  result.expiring = await expiring(
    context,
    result.taken.map(({ id }) => id),
  );
  return result;
};

async function dumpsBelow(folder: string, depth = 0): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => entry.isFile() && entry.name === "manifest.json")) return [folder];
  if (depth === DEEPEST) return [];
  const folders = entries.filter((entry) => entry.isDirectory());
  const below = folders.map(({ name }) => dumpsBelow(join(folder, name), depth + 1));
  return (await Promise.all(below)).flat();
}

async function take(
  context: Context,
  folder: string,
  found: FinishedDump,
  { say, signal, result }: { say: Say; signal: AbortSignal; result: TakenDumps },
): Promise<void> {
  const { backups } = context.paths;
  const { manifest, signature } = found;
  const archive = manifest.files.find(({ kind }) => kind === "dump");
  if (!archive)
    throw new Failure(`${found.id} is not used as a dump: its manifest names no archive.`);
  const { name: database } = manifest.database;
  const own = basename(folder);
  const wanted = await nameThere(backups, await usableName(context, database));
  const id = `${wanted}/${STAMP.test(own) ? own : stamp(new Date(manifest.takenAt))}`;
  if (await stat(join(backups, id)).catch(() => undefined)) {
    result.there.push(id);
    return;
  }
  say(`checking the files of ${id}`);
  const dump = unchanged({ id, folder, manifest, signature, archive });
  await settle(folder);
  await checkFiles(dump, manifest.files, signal);
  await mkdir(join(backups, wanted), { mode: 0o750 }).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
  await rename(folder, join(backups, id));
  await syncFolder(join(backups, wanted));
  result.taken.push(listedDump({ ...found, id }));
  context.log(`the dump ${id} was brought back from off site`);
}

/** Gives the files the modes of a dump, and waits until they are on the disk. */
async function settle(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isFile())
      throw new Failure(`${entry.name} is not a file, and a dump of ours holds only files.`);
    await setMode(path, 0o640);
    await sync(path);
  }
  await setMode(folder, 0o750);
  await syncFolder(folder);
}

/** Those of these dumps that are so old that retention may remove them after the next good dump. */
async function expiring(context: Context, ids: readonly string[]): Promise<string[]> {
  const { retentionDays, retentionCount } = context.config.dumps;
  const oldest = Date.now() - retentionDays * DAY_MS;
  const seen = new Map<string, number>();
  const { dumps } = await readDumps(context);
  return dumps
    .filter(({ manifest: { database, takenAt } }) => {
      const newer = seen.get(database.name) ?? 0;
      seen.set(database.name, newer + 1);
      return newer >= Math.max(1, retentionCount) && Date.parse(takenAt) < oldest;
    })
    .map(({ id }) => id)
    .filter((id) => ids.includes(id));
}
