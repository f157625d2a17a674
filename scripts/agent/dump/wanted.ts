import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseResult } from "../../../contract/jobRecord";
import type { Context } from "../kit/context";
import { sentenceOf } from "../kit/failure";
import { writeByRename } from "../kit/files";

/** What runs have said of the databases. A record names those of its run only. */
export interface KnownDatabases {
  /** Those that a run of all had to dump, and those that were dumped by their names since. Absent: there was none of all. */
  wanted?: string[];
  /** Those that were dumped. */
  made: string[];
}

const fileOf = ({ paths }: Pick<Context, "paths">) => join(paths.records, "dump-databases.json");

/** Notes a run of all databases, or of some. A run that did not get as far as the databases says nothing of them. */
export async function noteDatabases(
  context: Context,
  results: readonly DatabaseResult[],
  isPartial: boolean,
): Promise<void> {
  if (results.length === 0) return;
  const { wanted: before, made: madeBefore } = await knownDatabases(context);
  const names = results.map(({ database }) => database);
  const now = results.filter(({ result }) => result === "success").map(({ database }) => database);
  const wanted = !isPartial ? names : before && [...new Set([...before, ...now])];
  const made = [...new Set([...madeBefore, ...now])];
  const known: KnownDatabases = wanted
    ? { wanted, made: made.filter((name) => wanted.includes(name)) }
    : { made };
  await writeByRename(fileOf(context), `${JSON.stringify(known)}\n`).catch((error: unknown) =>
    context.log(`the databases of the dump cannot be noted: ${sentenceOf(error)}`),
  );
}

/** What is known of the databases. */
export async function knownDatabases(context: Pick<Context, "paths">): Promise<KnownDatabases> {
  try {
    const known = JSON.parse(await readFile(fileOf(context), "utf8")) as KnownDatabases;
    return Array.isArray(known.made) ? known : { made: [] };
  } catch {
    return { made: [] };
  }
}
