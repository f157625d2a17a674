import { stat } from "node:fs/promises";
import { join } from "node:path";
import { chooseDump } from "../../../contract/chooseDump";
import type { Context } from "../kit/context";
import { listedDump, readDumps } from "../dump/finished";
import { Failure } from "../kit/failure";
import { describeFiles } from "../dump/publish";
import type { DumpFile, Manifest, Signature } from "../../../contract/manifest";

/** The dump that a command works on. */
export interface FoundDump {
  id: string;
  folder: string;
  manifest: Manifest;
  signature: Signature;
  /** pg_dump's archive. */
  archive: DumpFile;
  /** Whether the operator's command sent it: its folder goes after the restore. Absent: no. */
  sent?: true;
}

/** Finds the dump that was asked for, by its id or its database's name. */
export async function findDump(context: Context, wanted: string): Promise<FoundDump> {
  const { dumps, bad } = await readDumps(context);
  const named = (id: string) => id === wanted.replace(/\/+$/, "");
  const wrong = bad.find(({ id }) => named(id));
  if (wrong) throw new Failure(wrong.problem);
  if (!dumps.some(({ id }) => named(id))) await refuseOther(context, wanted);
  const chosen = chooseDump(dumps.map(listedDump), wanted);
  if ("problem" in chosen) throw new Failure(chosen.problem);
  const dump = dumps.find(({ id }) => id === chosen.dump.id);
  const archive = dump?.manifest.files.find(({ kind }) => kind === "dump");
  if (!dump || !archive) throw new Error("a dump that was listed is not there");
  const { id, manifest, signature } = dump;
  return unchanged({ id, folder: join(context.paths.backups, id), manifest, signature, archive });
}

/** Refuses a dump whose manifest is not as this stack signed it. */
export function unchanged(dump: FoundDump): FoundDump {
  if (dump.signature !== "changed") return dump;
  throw new Failure(
    `The manifest of ${dump.id} was changed after this stack signed it: the dump is neither verified nor restored. Take another dump.`,
  );
}

/** Refuses a dump that this stack did not sign, unless somebody asked for that. */
export function checkSigned({ id, signature }: FoundDump, acceptUnknown: boolean): void {
  if (signature === "ours" || acceptUnknown) return;
  throw new Failure(
    `This stack did not sign ${id}: a version without signatures wrote it, another stack, or somebody with access to the folder. If you know where it is from, restore it with --yes.`,
  );
}

/** Explains a folder without a manifest, which is not listed as a dump. */
async function refuseOther({ paths }: Context, wanted: string): Promise<void> {
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
