import { stat } from "node:fs/promises";
import { join } from "node:path";
import { chooseDump } from "../../../contract/chooseDump";
import type { Context } from "../kit/context";
import { finishedDumps, listDumps } from "../dump/finished";
import { Failure } from "../kit/failure";
import { describeFiles } from "../dump/publish";
import type { DumpFile, Manifest } from "../../../contract/manifest";

/** The dump that a command works on. */
export interface FoundDump {
  id: string;
  folder: string;
  manifest: Manifest;
  /** pg_dump's archive. */
  archive: DumpFile;
}

/** Finds the dump that was asked for, by its id or its database's name. */
export async function findDump(context: Context, wanted: string): Promise<FoundDump> {
  const listed = await listDumps(context);
  if (!listed.some(({ id }) => id === wanted)) await refuseUnreadable(context, wanted);
  const chosen = chooseDump(listed, wanted);
  if ("problem" in chosen) throw new Failure(chosen.problem);
  const { id } = chosen.dump;
  const dump = (await finishedDumps(context)).find((finished) => finished.id === id);
  if (!dump)
    throw new Failure(`The dump ${id} has just been removed: list-dumps shows what is there.`);
  const { manifest } = dump;
  const archive = manifest.files?.find(({ kind }) => kind === "dump");
  const whole = archive && manifest.database && manifest.tables && manifest.largeObjects;
  if (!whole)
    throw new Failure(`The manifest of ${id} is not complete: it says too little for a restore.`);
  return { id, folder: join(context.paths.backups, id), manifest, archive };
}

/** Explains a folder without a readable manifest, which is not listed as a dump. */
async function refuseUnreadable({ paths }: Context, wanted: string): Promise<void> {
  if (!/^[^/]+\/[^/]+\/?$/.test(wanted) || /(^|\/)\.\.?(\/|$)/.test(wanted)) return;
  const there = await stat(join(paths.backups, wanted)).catch(() => undefined);
  if (!there?.isDirectory()) return;
  throw new Failure(`${wanted} is not a dump: its manifest.json is missing or cannot be read.`);
}

/** Reads files to their ends and compares them with the manifest. */
export async function checkFiles(
  { id, folder }: FoundDump,
  files: readonly DumpFile[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, bytes } of files) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (!found) throw new Failure(`${id} is damaged: its file ${name} is missing.`);
    if (found.size !== bytes) {
      throw new Failure(`${id} is damaged: ${name} has ${found.size} bytes instead of ${bytes}.`);
    }
  }
  const read = await describeFiles(folder, files, signal);
  const other = files.find(({ sha256 }, index) => read[index]?.sha256 !== sha256);
  if (!other) return;
  throw new Failure(
    `${id} is damaged: the sha256 of ${other.name} is not the one in its manifest.`,
  );
}
