import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../kit/context";
import { folderName, partialFolder } from "./folders";

/** Names that every file system takes as they are. */
const PLAIN = /^[\w-]{1,63}$/;
/** The names of devices, which Windows takes for no file. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
/** The longest ending that a file of a dump or an unfinished folder has. */
const ENDING = ".sql.gz";

/**
 * The name of a database's folder and files, as this file system can hold it: `folderName` as it is, or
 * with `%XX` for what exFAT and Windows refuse, or a hash where names must be short.
 */
export async function usableName(context: Context, database: string): Promise<string> {
  const name = folderName(database);
  if (PLAIN.test(name) && !DEVICE.test(name)) return name;
  const names = [name, portableName(name), shortName(database)];
  for (const one of names) if (await canBeHeld(context, one)) return one;
  return name;
}

/** A folder's name without what exFAT and Windows refuse or change. */
export function portableName(name: string): string {
  return name.replace(/[<>:"|?*]|[. ]$/g, escaped).replace(DEVICE, (device) => {
    return escaped(device.charAt(0)) + device.slice(1);
  });
}

const escaped = (char: string) =>
  `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

function shortName(database: string): string {
  return `database-${createHash("sha256").update(database).digest("hex").slice(0, 16)}`;
}

/** Makes a folder of this name and looks whether it has it. */
async function canBeHeld(context: Context, name: string): Promise<boolean> {
  const probes = join(partialFolder(context), `names-${randomBytes(4).toString("hex")}`);
  const probe = join(probes, name + ENDING);
  try {
    // Not `recursive`: where exFAT answers ENOENT to a name, Node would try for ever.
    await mkdir(probes);
    // Windows drops a last dot, so the name is tried with and without an ending.
    for (const path of [probe, join(probes, name)]) await mkdir(path);
    const there = await readdir(probes);
    return there.includes(name) && there.includes(name + ENDING);
  } catch {
    // Where nothing can be written, the dump itself says so.
    return false;
  } finally {
    for (const path of [probe, join(probes, name), probes])
      await rmdir(path).catch(() => undefined);
  }
}

/** The name under which a folder is there already: exFAT and Windows take "App" for "app". */
export async function nameThere(folder: string, name: string): Promise<string> {
  const there = await readdir(folder);
  if (there.includes(name)) return name;
  return there.find((one) => folded(one) === folded(name)) ?? name;
}

const folded = (name: string) => name.normalize("NFC").toLowerCase();
