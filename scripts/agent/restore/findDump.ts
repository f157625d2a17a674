import { stat } from "node:fs/promises";
import { join } from "node:path";
import { chooseDump } from "../../../contract/chooseDump";
import type { Context } from "../kit/context";
import { finishedDumps, listDumps } from "../dump/finished";
import { Failure } from "../kit/failure";
import { describeFiles } from "../dump/publish";
import type { ListedDump } from "../../../contract/agentReplies";
import type { DumpFile, Manifest } from "../../../contract/manifest";

/** A finished dump that a command was asked about. */
export interface FoundDump {
  id: string;
  folder: string;
  manifest: Manifest;
  /** pg_dump's archive. */
  archive: DumpFile;
}

export async function findDump(context: Context, wanted: string): Promise<FoundDump> {
  const nobody = new AbortController().signal;
  const listed = (await listDumps({}, context, () => undefined, nobody)) as ListedDump[];
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
    throw new Failure(`The manifest of ${id} is not whole: it says too little to restore by.`);
  return { id, folder: join(context.paths.backups, id), manifest, archive };
}

/** A folder whose manifest nobody can read is no dump, but it is not nothing either. */
async function refuseUnreadable({ paths }: Context, wanted: string): Promise<void> {
  if (!/^[^/]+\/[^/]+\/?$/.test(wanted) || /(^|\/)\.\.?(\/|$)/.test(wanted)) return;
  const there = await stat(join(paths.backups, wanted)).catch(() => undefined);
  if (!there?.isDirectory()) return;
  throw new Failure(`${wanted} is no dump: its manifest.json is missing or cannot be read.`);
}

/** Reads files whole and compares them with the manifest. */
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
