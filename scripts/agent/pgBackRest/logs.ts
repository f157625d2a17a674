import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../kit/failure";

const day = 24 * 3_600_000;

/** A log of a past day: pgBackRest's name, and the day that it was put away. */
const putAway = /^(.+\.log)\.(\d{4}-\d{2}-\d{2})$/;

/** What became of pgBackRest's logs. */
export interface LogsKept {
  putAway: string[];
  removed: string[];
}

/**
 * Puts the logs of the day before away under a name with its date, and removes those that are older than
 * `days`. pgBackRest writes on in the file that it has open, so no line is lost.
 */
export async function keepLogs(folder: string, days: number, now: Date): Promise<LogsKept> {
  const today = now.toISOString().slice(0, 10);
  const oldest = new Date(now.getTime() - days * day).toISOString().slice(0, 10);
  const names = await namesIn(folder);
  const kept: LogsKept = { putAway: [], removed: [] };
  for (const name of names.filter((one) => one.endsWith(".log"))) {
    const aside = `${name}.${today}`;
    // Once a day: what is written after that goes away tomorrow.
    if (names.includes(aside) || (await stat(join(folder, name))).size === 0) continue;
    await rename(join(folder, name), join(folder, aside));
    kept.putAway.push(aside);
  }
  for (const name of [...names, ...kept.putAway]) {
    const [, , date] = putAway.exec(name) ?? [];
    if (date === undefined || date >= oldest) continue;
    await rm(join(folder, name), { force: true });
    kept.removed.push(name);
  }
  return kept;
}

/** pgBackRest writes its logs only where the folder is there. */
export async function makeLogFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o770 });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
}
