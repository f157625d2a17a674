import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseManifest } from "../../../contract/manifestSchema";
import { receivedDump } from "../../../contract/receivedDump";
import { CliError } from "../terminal/cliError";
import { operatorPath } from "../terminal/operatorPath";

/** A dump on the operator's machine: the files that a restore needs, under the names that it expects. */
export interface LocalDump {
  /** What the operator typed, as an absolute path. */
  from: string;
  files: { name: string; path: string; bytes: number }[];
}

const manifestFiles = ["manifest.json", "manifest.sig"];

/**
 * Looks at what a person named: a folder of a dump, with a manifest or with one archive, or an archive of
 * `pg_dump -Fc`. An archive whose manifest is beside it is taken with it.
 */
export async function localDump(typed: string): Promise<LocalDump> {
  const from = operatorPath(typed);
  const found = await stat(from).catch(() => undefined);
  if (!found) throw new CliError(`There is no file and no folder ${from}.`, 2);
  const folder = found.isDirectory() ? from : dirname(from);
  const archive = await archiveIn(folder);
  if (archive !== undefined && (found.isDirectory() || archive === basename(from))) {
    return { from, files: await sized(folder, [archive, ...manifestFiles]) };
  }
  const path = found.isDirectory() ? await onlyArchive(from) : from;
  const problem = await notAnArchive(path);
  if (problem) throw new CliError(`${path} ${problem}`, 2);
  const { size } = await stat(path);
  return { from, files: [{ name: receivedDump.archive, path, bytes: size }] };
}

/** The archive that a folder's manifest names. Undefined: the folder has no manifest. */
async function archiveIn(folder: string): Promise<string | undefined> {
  const content = await readFile(join(folder, "manifest.json"), "utf8").catch(() => undefined);
  if (content === undefined) return undefined;
  const manifest = parseManifest(content);
  if ("problem" in manifest) {
    throw new CliError(`In ${join(folder, "manifest.json")}, ${manifest.problem}.`, 2);
  }
  return manifest.files.find(({ kind }) => kind === "dump")?.name;
}

async function sized(folder: string, names: readonly string[]): Promise<LocalDump["files"]> {
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      // A dump of an older version has no signature.
      if (!found && name === "manifest.sig") return [];
      if (!found) throw new CliError(`The dump in ${folder} is damaged: it lacks ${name}.`, 2);
      return [{ name, path, bytes: found.size }];
    }),
  );
  return files.flat();
}

/** The only archive in a folder without a manifest. */
async function onlyArchive(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some(({ name }) => name === "toc.dat")) {
    throw new CliError(
      `${folder} is a dump in pg_dump's directory format: make one by pg_dump -Fc.`,
      2,
    );
  }
  const archives: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isFile() && !(await notAnArchive(path))) archives.push(path);
  }
  const [one, ...others] = archives;
  if (one !== undefined && others.length === 0) return one;
  throw new CliError(
    one === undefined
      ? `${folder} holds neither a manifest.json nor an archive of pg_dump -Fc.`
      : `${folder} holds ${archives.length} archives and no manifest.json: name one of them.`,
    2,
  );
}

const CUSTOM_FORMAT = 1;

/** Why a file is not an archive in pg_dump's custom format, by its first bytes. Undefined: it is one. */
async function notAnArchive(path: string): Promise<string | undefined> {
  const head = Buffer.alloc(512);
  const file = await open(path, "r");
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  if (head.toString("latin1", 0, 5) === "PGDMP") {
    return head[10] === CUSTOM_FORMAT
      ? undefined
      : "is no dump in custom format: make one by pg_dump -Fc.";
  }
  if (head.toString("latin1", 257, 262) === "ustar") {
    return "is a tar archive: make a dump by pg_dump -Fc.";
  }
  return "is not an archive of pg_dump -Fc. If it is plain SQL, psql restores it.";
}
