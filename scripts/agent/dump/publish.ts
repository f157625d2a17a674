import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";
import { codeOf, Failure } from "../kit/failure";
import { setMode, sync, syncFolder } from "../kit/files";
import { nameThere, usableName } from "./folderNames";
import { stamp } from "./folders";
import { manifestKey, sign, signatureFile } from "./signature";
import { runTool } from "../kit/tools";
import type { DumpFile, Manifest } from "../../../contract/manifest";
import { parseManifest } from "../../../contract/manifestSchema";
import { quoted } from "../../../contract/quoting";

/** Sizes and checksums of files. */
export async function describeFiles(
  folder: string,
  files: readonly Pick<DumpFile, "kind" | "name">[],
  signal: AbortSignal,
): Promise<DumpFile[]> {
  // A program of its own: gigabytes that pass through this process would stay in its memory.
  const { stdout } = await runTool(
    "sha256sum",
    ["--", ...files.map(({ name }) => join(folder, name))],
    {
      signal,
    },
  );
  const sums = stdout.split("\n").map((line) => line.replace(/^\\/, "").slice(0, 64));
  return Promise.all(
    files.map(async ({ kind, name }, index) => ({
      kind,
      name,
      bytes: (await stat(join(folder, name))).size,
      sha256: sums[index] ?? "",
    })),
  );
}

/** Makes a folder unless it is there. Not `recursive`: see `newPartial`. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o750 }).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
}

/**
 * Makes a finished dump from a partial folder. It writes and signs the manifest, brings everything
 * to the disk, and only then gives the folder the name under which readers find it.
 *
 * @returns the dump's id
 * @throws Failure when no reader would accept the manifest
 */
export async function publish(
  context: Context,
  partial: string,
  manifest: Manifest,
): Promise<string> {
  const { paths } = context;
  const sums = manifest.files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");
  const content = `${JSON.stringify(manifest, undefined, 2)}\n`;
  const read = parseManifest(content);
  if ("problem" in read) throw new Failure(`The manifest would not be read: ${read.problem}.`);
  const key = await manifestKey(context);
  const written: Record<string, string> = {
    "manifest.json": content,
    SHA256SUMS: sums,
    ...(key === undefined ? {} : { [signatureFile]: sign(key, content) }),
  };
  for (const [name, text] of Object.entries(written)) await writeFile(join(partial, name), text);
  const names = [...manifest.files.map(({ name }) => name), ...Object.keys(written)];
  for (const name of names) {
    await setMode(join(partial, name), 0o640);
    await sync(join(partial, name));
  }
  await syncFolder(partial);
  const wanted = await usableName(context, manifest.database.name);
  await makeFolder(join(paths.backups, wanted));
  await syncFolder(paths.backups);
  const folder = await nameThere(paths.backups, wanted);
  const taken = stamp(new Date(manifest.takenAt));
  for (let number = 1; number < 100; number++) {
    const id = `${folder}/${taken}${number === 1 ? "" : `-${number}`}`;
    // Shares refuse to rename over a folder with errnos of their own.
    if (await stat(join(paths.backups, id)).catch(() => undefined)) continue;
    try {
      await rename(partial, join(paths.backups, id));
    } catch (error) {
      // There is another dump of the same second. A rename never replaces a folder that has files.
      if (["ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) continue;
      throw error;
    }
    await syncFolder(join(paths.backups, folder));
    return id;
  }
  throw new Failure(
    `There are a hundred dumps of ${quoted(manifest.database.name)} in one second.`,
  );
}
