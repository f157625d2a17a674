import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { tables, version } from "./tables";

/** The history's file in its folder. SQLite keeps one or two more beside it. */
export const fileName = "history.sqlite";

/** SQLite's page, in bytes. */
const pageBytes = 4096;

/** The log of what is not in the file yet may be as large as this. */
const logBytes = 4 * 1024 * 1024;

/** What SQLite's codes mean for us. */
export type FileFault = "damaged" | "full" | "other";

/**
 * Opens the file, or makes it. A file that is damaged, or that a newer program wrote, is moved aside and a new one is
 * begun: it is never deleted, because a person may want to read it.
 */
export function openFile(
  folder: string,
  mostBytes: number,
  log: (sentence: string) => void,
): DatabaseSync {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fileName);
  try {
    return ready(path, mostBytes);
  } catch (error) {
    const newer = error instanceof Newer;
    if (!newer && faultOf(error) !== "damaged") throw error;
    const aside = moveAside(folder, newer ? "newer" : "damaged");
    const why = newer ? "was written by a newer program" : "is damaged";
    log(`The history ${why}. It is kept as ${aside}, and a new one begins.`);
    return ready(path, mostBytes);
  }
}

class Newer extends Error {}

function ready(path: string, mostBytes: number): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // A process that was killed may hold its lock for a moment.
    database.exec("PRAGMA busy_timeout = 2000");
    const found = Number(value(database, "PRAGMA user_version"));
    if (found > version) throw new Newer();
    const sound = value(database, "PRAGMA quick_check(1)");
    if (sound !== "ok") throw new Damaged(String(sound));
    // The log takes each transaction without a sync, so SIGKILL loses nothing that was written. Syncs come with
    // checkpoints only, about twice an hour; a power cut can cost what came after the last one, and damages nothing.
    database.exec(`PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = ${logBytes};
      PRAGMA max_page_count = ${Math.floor(mostBytes / pageBytes)};`);
    if (found < version)
      database.exec(`BEGIN; ${tables} PRAGMA user_version = ${version}; COMMIT;`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class Damaged extends Error {}

function value(database: DatabaseSync, question: string): unknown {
  return Object.values(database.prepare(question).get() ?? {})[0];
}

/** How much of its room the file uses, from 0 to 1. Pages that were freed are used again. */
export function usedShare(database: DatabaseSync): number {
  const [pages, free, most] = ["page_count", "freelist_count", "max_page_count"].map((name) =>
    Number(value(database, `PRAGMA ${name}`)),
  );
  return (pages! - free!) / most!;
}

/** Gives the file another name. Its log goes first: beside a new file it would be read into that one. */
export function moveAside(folder: string, why: "damaged" | "newer"): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, "");
  const aside = `history-${why}-${stamp}.sqlite`;
  for (const end of ["-wal", "-shm", "-journal", ""]) {
    const from = join(folder, `${fileName}${end}`);
    if (existsSync(from)) renameSync(from, join(folder, `${aside}${end}`));
  }
  return aside;
}

/** SQLite's codes: CORRUPT and NOTADB; FULL. The upper bytes say more, and are not needed. */
export function faultOf(error: unknown): FileFault {
  if (error instanceof Damaged) return "damaged";
  const code = Number((error as { errcode?: unknown }).errcode) & 0xff;
  return code === 11 || code === 26 ? "damaged" : code === 13 ? "full" : "other";
}

/** Does everything, or nothing where it throws. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite has ended the transaction itself, as it does after some faults.
    }
    throw error;
  }
}
