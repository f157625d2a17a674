import { mkdir, readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { drillPaths } from "../../../../contract/pgBackRest";
import type { Context } from "../../kit/context";
import { isPauseNoted, resumeReplay } from "./pause";

const patienceMs = 5000;

/** Makes the empty folders of a drill. */
export async function makeFolders(): Promise<void> {
  const { data, tablespaces, conf, socket, spool, locks } = drillPaths;
  for (const folder of [data, tablespaces, conf, socket, spool, locks]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

/**
 * Ends every process of a drill, empties its volume, and resumes replay on the standby. It finds what a killed drill has
 * left, and does nothing where there is nothing.
 */
export async function cleanUp(context: Context): Promise<void> {
  await emptyVolume();
  await resumeReplay(context);
}

/** Ends every process of a drill, and removes what it has written. */
export async function emptyVolume(): Promise<void> {
  await endProcesses();
  for (const name of await readdir(drillPaths.volume).catch(() => [])) {
    await rm(join(drillPaths.volume, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Whether a drill has left something. */
export async function isSomethingLeft(context: Context): Promise<boolean> {
  const names = await readdir(drillPaths.volume).catch(() => []);
  return names.length > 0 || (await isPauseNoted(context));
}

/** PostgreSQL's immediate shutdown comes first: it gives its shared memory back. */
async function endProcesses(): Promise<void> {
  const signals = ["SIGQUIT", "SIGKILL"] as const;
  for (const signal of signals) {
    const found = await processesOf(drillPaths.volume);
    if (found.length === 0) return;
    for (const pid of found) kill(pid, signal);
    for (let waited = 0; waited < patienceMs; waited += 100) {
      if ((await processesOf(drillPaths.volume)).length === 0) return;
      await sleep(100);
    }
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

/** The processes that work in a folder or name it among their words. PostgreSQL's work in its data. */
export async function processesOf(folder: string, proc = "/proc"): Promise<number[]> {
  const numbers = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map(async (name) => {
      const pid = Number(name);
      if (pid === process.pid) return [];
      const cwd = await readlink(join(proc, name, "cwd")).catch(() => "");
      const words = await readFile(join(proc, name, "cmdline"), "utf8").catch(() => "");
      const isIn = cwd === folder || cwd.startsWith(`${folder}/`);
      return isIn || words.includes(`=${folder}/`) ? [pid] : [];
    }),
  );
  return found.flat();
}
