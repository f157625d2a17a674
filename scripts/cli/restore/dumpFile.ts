import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { CliError } from "../terminal/cliError";
import { operatorPath } from "../terminal/operatorPath";

/** What a dump is called until it is whole. */
export const unfinishedDump = (path: string): string => `${path}.partial`;

/**
 * Makes the unfinished file of a dump in the operator's folder, so that a folder which takes none is known before a
 * server is restored for it.
 *
 * @returns the path that the dump gets when it is whole
 * @throws CliError where the file cannot be made
 */
export async function beginDump(database: string, now: Date): Promise<string> {
  const safe = database.replace(/[^\w.-]/gu, "_").replace(/^[.-]/, "_");
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const path = operatorPath(`${safe}-restored-${stamp}.dump`);
  if (existsSync(path)) throw new CliError(`There is a file ${path} already: remove it.`, 4);
  const unfinished = unfinishedDump(path);
  try {
    await (await open(unfinished, "wx", 0o600)).close();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new CliError(
      code === "EEXIST"
        ? `There is a file ${unfinished} already: remove it.`
        : `The dump cannot be written into ${dirname(path)} (${code}): call the command from a folder that takes files.`,
      4,
    );
  }
  return path;
}
