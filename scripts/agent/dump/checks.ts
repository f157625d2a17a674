import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import type { CatalogTable } from "./contents";
import type { FinishedDump } from "./finished";
import { runTool } from "../kit/tools";
import type { Manifest } from "../../../contract/manifest";

/** A dump below this share of the last good one needs an explanation. */
const SANE_SHARE = 0.2;
/** A dump that is smaller than this holds little more than definitions, and may change by any share. */
const SMALL_BYTES = 1 << 20;

/** Checks that pg_restore can read the archive, and that it holds every table and the large objects. */
export async function checkArchive(
  file: string,
  tables: readonly CatalogTable[],
  { largeObjects }: Pick<Manifest, "largeObjects">,
  signal: AbortSignal,
): Promise<void> {
  // `dump id; catalog, OID, kind and name`: the OID identifies a table whatever its name is.
  const held = new Set<string>();
  let blobs = false;
  // Line by line: before PostgreSQL 17, each large object has a line.
  const output = new PassThrough();
  const tool = runTool("pg_restore", ["--list", file], { signal, output });
  // Its failure is thrown below. Here it only has to end the loop.
  tool.catch(() => output.end());
  for await (const line of createInterface({ input: output })) {
    const oid = /^\d+; \d+ (\d+) TABLE DATA /.exec(line)?.[1];
    if (oid !== undefined) held.add(oid);
    blobs ||= /^\d+; \d+ \d+ BLOBS /.test(line);
  }
  // pg_dump has written all of it, so what cannot be read back is a fault of the folder.
  await tool.catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Failure(withStop(sentenceOf(error)), "own-disk");
  });
  const missing = tables.find(({ oid }) => !held.has(oid));
  if (missing) {
    throw new Failure(
      `The dump lacks the rows of table ${missing.schema}.${missing.name}, which the server has.`,
    );
  }
  if (largeObjects.count > 0 && !blobs) {
    throw new Failure(`The dump lacks the ${largeObjects.count} large objects of the server.`);
  }
}

/**
 * Checks whether a dump may be this much smaller than the last good one.
 *
 * @returns a sentence when rows that are gone explain it
 * @throws Failure "too-small" when nothing explains it
 */
export function checkSize(
  now: Pick<Manifest, "files" | "tables" | "largeObjects">,
  last: FinishedDump | undefined,
): string | undefined {
  if (!last) return undefined;
  const [bytes, before] = [dumpBytes(now), dumpBytes(last.manifest)];
  if (before < SMALL_BYTES || bytes >= before * SANE_SHARE) return undefined;
  const percent = `${((bytes / before) * 100).toFixed(1)} % of the size of ${last.id}`;
  const explanation = shrunk(now, last.manifest);
  if (explanation) return `It has ${percent}: ${explanation}.`;
  throw new Failure(
    `The dump has only ${percent} although no table lost most of its rows; if that is right, make one with --accept-smaller.`,
    "too-small",
  );
}

function dumpBytes({ files }: Pick<Manifest, "files">): number {
  return files.find(({ kind }) => kind === "dump")?.bytes ?? 0;
}

type Contents = Pick<Manifest, "tables" | "largeObjects">;

/** What lost at least half of its contents: the first such table, or the large objects. */
function shrunk(now: Contents, before: Contents): string | undefined {
  const rows = new Map(
    now.tables.map((table) => [JSON.stringify([table.schema, table.name]), table.rows]),
  );
  for (const { schema, name, rows: had } of before.tables) {
    const has = rows.get(JSON.stringify([schema, name]));
    if (had === 0 || (has !== undefined && has > had / 2)) continue;
    const gone = has === undefined ? "is gone" : `has ${has} rows`;
    return `table ${schema}.${name} had ${had} rows and ${gone}`;
  }
  const [has, had] = [now.largeObjects.count, before.largeObjects.count];
  if (had > 0 && has <= had / 2) return `of ${had} large objects ${has} are left`;
  return undefined;
}
