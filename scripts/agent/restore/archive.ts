import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { Failure } from "../kit/failure";
import type { Login, SettingValues } from "./login";
import type { Entry } from "../dump/toc";
import { hintOf, runTool } from "../kit/tools";
import { FailedEntries } from "./failedEntries";

/** More jobs would leave the primary's own clients no core on a small machine. */
const JOBS = 2;

/** How many entries a dump's list of contents has. */
export async function countEntries(file: string, signal: AbortSignal): Promise<number> {
  const output = new PassThrough();
  const tool = runTool("pg_restore", ["--list", file], { output, signal });
  // Its failure is thrown below. Here it only has to end the loop.
  tool.catch(() => output.end());
  let entries = 0;
  for await (const line of createInterface({ input: output })) {
    if (/^\d+; /.test(line)) entries++;
  }
  await tool;
  return entries;
}

/** What pg_restore has to do. */
export interface Filling {
  file: string;
  database: string;
  /** The entries that it restores. Default: all of them. */
  only?: readonly Entry[];
  /** Makes everything as this role, which then owns it. Default: the login, and the dump's owners. */
  role?: string;
  /** Whether entries are restored side by side. Definitions never are. */
  parallel: boolean;
  /** Whether owners are those of the dump. */
  keepsOwners: boolean;
  /** Puts everything into the default tablespace. */
  withoutTablespaces: boolean;
  /** For pg_restore's sessions. */
  settings: readonly string[];
  /** Settings on which values depend, in the same sessions. */
  values: SettingValues;
  /** Called when the rows of a table of this name, in some schema, are committed. */
  onTable: (name: string) => void;
  /** Called when an entry is done: its id and its words. */
  onEntry: (id: number, entry: string) => void;
  /** Whether the first error ends it. Otherwise it goes on with the next entry. */
  strict: boolean;
}

/**
 * Runs pg_restore.
 *
 * @returns the entries that could not be made, with what pg_restore says of each
 */
export async function fill(
  login: Login,
  {
    file,
    database,
    only,
    role,
    keepsOwners,
    parallel,
    withoutTablespaces,
    settings,
    values,
    onTable,
    onEntry,
    strict,
  }: Filling,
  signal: AbortSignal,
): Promise<Map<number, string>> {
  const list = join(login.folder, "entries");
  if (only) writeFileSync(list, only.map(({ id }) => `${id};\n`).join(""));
  const args = [
    ...(strict ? ["--exit-on-error"] : []),
    "--verbose",
    // Each job is a process and a session of its own: not worth it for a few definitions.
    ...(parallel ? ["--jobs", String(JOBS)] : []),
    ...(only ? ["--use-list", list] : []),
    ...(role === undefined ? [] : [`--role=${role}`]),
    ...(keepsOwners ? [] : ["--no-owner"]),
    ...(withoutTablespaces ? ["--no-tablespaces"] : []),
    ...login.target(database),
    file,
  ];
  let wrong: string | undefined;
  let hint: string | undefined;
  const errors = new FailedEntries(only && new Set(only.map(({ id }) => id)));
  const onLine = (line: string) => {
    wrong ??= /^pg_restore: error: (.*)/.exec(line)?.[1];
    if (wrong !== undefined) hint ??= hintOf([line]);
    errors.read(line);
    const [, id, entry = ""] =
      /^pg_restore: (?:processing|finished) (?:missed )?item (\d+) (.*)/.exec(line) ?? [];
    if (id === undefined) return;
    const table = /^pg_restore: finished item \d+ TABLE DATA (.*)/.exec(line)?.[1];
    if (table !== undefined) onTable(table);
    onEntry(Number(id), entry);
  };
  try {
    await runTool("pg_restore", args, { env: login.env(settings, values), onLine, signal });
    return new Map();
  } catch (error) {
    signal.throwIfAborted();
    if (!strict && errors.complete) return errors.found;
    // A table's name may look like an error. Only pg_restore's own prefix marks one.
    if (error instanceof Failure && wrong) {
      throw new Failure(`pg_restore failed: ${wrong}${hint ? `. ${hint}` : ""}`);
    }
    throw error;
  }
}
