import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";
import { codeOf, Failure } from "../kit/failure";

const PARTIAL = ".partial";
const OWNER = ".stack";

/**
 * The folder of a database: its name, with `%XX` for bytes that a file name cannot contain and for
 * a dot that would hide it. Quotes, spaces and letters of any language stay readable.
 */
export function folderName(database: string): string {
  // eslint-disable-next-line no-control-regex
  return database.replace(/[\x00-\x1f\x7f/\\%]|^\./g, (char) =>
    [...Buffer.from(char)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}

/** Where nothing is finished. Readers of dumps do not look into it. */
export function partialFolder({ paths }: Context): string {
  return join(paths.backups, PARTIAL);
}

/** A time as a folder's name: `20261121T030000Z`. */
export function stamp(moment: Date): string {
  return moment.toISOString().replace(/[-:]|\.\d+/g, "");
}

/**
 * Takes the folder of the dumps for this stack, and removes what a crash left in it. A folder of
 * another stack is refused: each would take the other's unfinished work for its own.
 *
 * @returns how many unfinished dumps were removed
 */
export async function takeBackups({ config, paths }: Context): Promise<number> {
  const file = join(paths.backups, OWNER);
  const owner = (await readFile(file, "utf8").catch(() => "")).trim();
  if (owner !== "" && owner !== config.stack) {
    throw new Failure(
      `The folder of the dumps belongs to the stack ${owner}: give ${config.stack} another laterbase:dumps.path, or remove ${OWNER} from it.`,
    );
  }
  const partial = join(paths.backups, PARTIAL);
  await mkdir(partial, { recursive: true, mode: 0o750 });
  const left = await readdir(partial);
  for (const name of left) await rm(join(partial, name), { recursive: true, force: true });
  if (owner === "") await writeFile(file, `${config.stack}\n`, { mode: 0o640 });
  return left.length;
}

/**
 * What is wrong where Duplicati cannot read the dumps by their group, as on exFAT and on shares that
 * fix the owner and the mode of every file. Undefined where all is well.
 */
export async function groupMistake({ paths }: Context): Promise<string | undefined> {
  const file = join(paths.backups, PARTIAL, `group-${randomBytes(4).toString("hex")}`);
  try {
    await writeFile(file, "");
    await chmod(file, 0o640);
    const [{ mode, gid }, folder] = await Promise.all([stat(file), stat(paths.backups)]);
    if ((mode & 0o777) === 0o640 && gid === folder.gid) return undefined;
  } catch (error) {
    if (codeOf(error) !== "EPERM") throw error;
  } finally {
    await rm(file, { force: true });
  }
  return "The folder of the dumps keeps no group and no mode, so Duplicati may not read the dumps: give laterbase:dumps.path a folder on a file system of Linux.";
}

/** Makes a folder that no reader of dumps looks into. */
export async function newPartial(context: Context, name: string): Promise<string> {
  const folder = join(partialFolder(context), `${name}-${randomBytes(4).toString("hex")}`);
  await mkdir(partialFolder(context), { recursive: true, mode: 0o750 });
  // Not `recursive`: where exFAT answers ENOENT to a name, Node would try for ever.
  await mkdir(folder, { mode: 0o750 });
  return folder;
}

/** Removes a finished dump. A rename hides it at once; then its files are deleted. */
export async function removeDump({ paths }: Context, id: string): Promise<void> {
  const grave = join(paths.backups, PARTIAL, `removed-${randomBytes(4).toString("hex")}`);
  await rename(join(paths.backups, id), grave);
  await rm(grave, { recursive: true, force: true });
}
