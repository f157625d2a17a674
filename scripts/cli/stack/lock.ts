import { readFileSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** What Pulumi writes into the lock of a stack in a folder. */
export interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/**
 * Who is at work on a stack, since when, and what to do, in one sentence. Undefined: nobody, or the backend
 * is no folder.
 */
export function lockedBy(
  folder: string | undefined,
  project: string,
  stack: string,
  now = new Date(),
): string | undefined {
  const [{ lock } = { lock: undefined }] = locksOf(folder, project, stack);
  if (!lock) return undefined;
  const since = new Date(lock.timestamp);
  const minutes = Math.max(0, Math.round((now.getTime() - since.getTime()) / 60_000));
  const where = lock.hostname === hostname() ? "" : ` on ${lock.hostname}`;
  const who = `process ${lock.pid} of ${lock.username}${where}`;
  const began = `${since.toISOString().slice(0, 19).replace("T", " ")} UTC (${minutes} min ago)`;
  const removes = `'npm run pulumi -- cancel --stack ${stack}' removes its lock.`;
  const way =
    where === "" && !isAlive(lock.pid)
      ? `That process has ended: ${removes}`
      : `Wait until it has ended. If you know that it was killed, ${removes}`;
  return `Another run is at work on stack ${stack}: ${who}, since ${began}. ${way}`;
}

/** The locks of a stack, with their files. None where the backend is no folder. */
export function locksOf(
  folder: string | undefined,
  project: string,
  stack: string,
): { file: string; lock: Lock }[] {
  if (!folder) return [];
  const [name = ""] = stack.split("/").slice(-1);
  const locks = join(folder, ".pulumi/locks/organization", project, name);
  return names(locks).flatMap((one) => {
    const file = join(locks, one);
    return readLock(file).map((lock) => ({ file, lock }));
  });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

function readLock(file: string): Lock[] {
  try {
    const lock = JSON.parse(readFileSync(file, "utf8")) as Lock;
    return typeof lock.pid === "number" && !Number.isNaN(Date.parse(lock.timestamp)) ? [lock] : [];
  } catch {
    // The run has just ended, or is just about to write it.
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
