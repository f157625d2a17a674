import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { receivedDump } from "../../../contract/receivedDump";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { readDump } from "../dump/finished";
import { manifestKey } from "../dump/signature";
import { manifestOf } from "./archiveManifest";
import { findDump, type FoundDump, unchanged } from "./findDump";

/** The dump that a command works on: one of the stack's, or one that was sent. */
export async function dumpFor(
  context: Context,
  wanted: string,
  signal: AbortSignal,
): Promise<FoundDump> {
  const token = receivedDump.tokenOf(wanted);
  return token === undefined
    ? findDump(context, wanted)
    : unchanged(await received(context, token, signal));
}

/** What a dump of another place, or of an older major, means for the result. */
export function notesOn({ manifest }: FoundDump, server: number): string[] {
  const major = parseInt(manifest.source.version, 10);
  return [
    ...(manifest.fromArchive
      ? [
          "The dump has no manifest, so the rows were compared with the archive itself, and large objects with nothing.",
        ]
      : []),
    ...(server > major
      ? [
          `It was dumped by PostgreSQL ${major} and is on ${server} now: run its application's tests before you use it.`,
        ]
      : []),
  ];
}

/**
 * A dump that the operator's command sent. Where it came without a manifest, one is made from the archive.
 * It stays in the folder, so that the archive is read once.
 */
async function received(context: Context, token: string, signal: AbortSignal): Promise<FoundDump> {
  const folder = join(context.paths.backups, receivedDump.folderOf(token));
  const id = await readFile(join(folder, receivedDump.from), "utf8").catch(() => undefined);
  if (id === undefined)
    throw new Failure("The dump that was sent is not there any more: send it again.");
  const key = await manifestKey(context);
  let dump = await readDump(folder, id, key);
  if (!dump) {
    const manifest = await manifestOf(folder, receivedDump.archive, context.config.major, signal);
    await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
    dump = await readDump(folder, id, key);
  }
  if (!dump) throw new Error("a manifest that was written is not there");
  if ("problem" in dump) throw new Failure(dump.problem);
  const archive = dump.manifest.files.find(({ kind }) => kind === "dump");
  if (!archive) throw new Error("a manifest without an archive was accepted");
  return { ...dump, folder, archive, sent: true };
}
