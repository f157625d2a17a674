import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { once } from "node:events";
import { Failure } from "../kit/failure";
import { type Needs, readNeeds } from "./needs";
import type { Login } from "./login";
import { runTool } from "../kit/tools";

/** More jobs would leave the primary's own clients no core on a small machine. */
const JOBS = 2;
const PROGRESS_MS = 2000;

/** Entries that hold rows. Without them the script of a dump is short. */
const ROWS = /^\d+; \d+ \d+ (TABLE DATA|MATERIALIZED VIEW DATA|BLOBS|SEQUENCE SET) /;

/**
 * Reads a dump's list of contents.
 *
 * @param list where the entries without rows are written, for `pg_restore --use-list`
 * @returns how many entries there are
 */
export async function readList(
  file: string,
  { list, signal }: { list?: string; signal?: AbortSignal } = {},
): Promise<number> {
  const output = new PassThrough();
  const kept = list === undefined ? undefined : createWriteStream(list);
  const tool = runTool("pg_restore", ["--list", file], { output, ...(signal ? { signal } : {}) });
  // Its failure is thrown below. Here it only has to end the loop.
  tool.catch(() => output.end());
  let entries = 0;
  for await (const line of createInterface({ input: output })) {
    if (!/^\d+; /.test(line)) continue;
    entries++;
    if (kept && !ROWS.test(line) && !kept.write(`${line}\n`)) await once(kept, "drain");
  }
  if (kept) {
    kept.end();
    await once(kept, "close");
  }
  await tool;
  return entries;
}

/** Reads which roles and tablespaces a dump's objects name, and how many entries it has. */
export async function inspect(
  file: string,
  folder: string,
  signal: AbortSignal,
): Promise<{ entries: number; needs: Needs }> {
  const list = join(folder, "without-rows");
  const entries = await readList(file, { list, signal });
  const script = new PassThrough();
  const [needs] = await Promise.all([
    readNeeds(script),
    runTool("pg_restore", ["--use-list", list, "--file", "-", file], { output: script, signal }),
  ]);
  return { entries, needs };
}

/** What pg_restore has to do. */
export interface Filling {
  file: string;
  database: string;
  /** The number of entries in the dump's list, for the progress. */
  entries: number;
  /** Puts everything into the default tablespace. */
  withoutTablespaces: boolean;
  /** For pg_restore's sessions. */
  settings: readonly string[];
  /** Called when the rows of a table of this name, in some schema, are committed. */
  onTable: (name: string) => void;
}

/** Runs pg_restore into an empty database. The first error ends it. */
export async function fill(
  login: Login,
  { file, database, entries, withoutTablespaces, settings, onTable }: Filling,
  say: (progress: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let [done, said] = [0, Date.now()];
  const args = [
    ...["--jobs", String(JOBS), "--exit-on-error", "--verbose"],
    ...(withoutTablespaces ? ["--no-tablespaces"] : []),
    ...login.target(database),
    file,
  ];
  let wrong: string | undefined;
  const onLine = (line: string) => {
    wrong ??= /^pg_restore: error: (.*)/.exec(line)?.[1];
    const entry = /^pg_restore: (?:processing|finished) (?:missed )?item \d+ (.*)/.exec(line)?.[1];
    if (entry === undefined) return;
    const table = /^pg_restore: finished item \d+ TABLE DATA (.*)/.exec(line)?.[1];
    if (table !== undefined) onTable(table);
    done++;
    if (Date.now() - said < PROGRESS_MS) return;
    said = Date.now();
    say(`restored ${done} of ${entries} entries, the last one: ${entry}`);
  };
  try {
    await runTool("pg_restore", args, { env: login.env(settings), onLine, signal });
  } catch (error) {
    // A table's name may look like an error. Only pg_restore's own prefix marks one.
    if (error instanceof Failure && wrong) throw new Failure(`pg_restore failed: ${wrong}`);
    throw error;
  }
}
