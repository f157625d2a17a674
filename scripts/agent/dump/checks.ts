import { Failure } from "../kit/failure";
import type { CatalogTable } from "./contents";
import type { FinishedDump } from "./finished";
import { runTool } from "../kit/tools";
import type { Manifest } from "../../../contract/manifest";

/** Below this share of the last good dump, a dump has to explain itself. */
const SANE_SHARE = 0.2;
/** A dump of nothing but definitions may change by any share. */
const SMALL_BYTES = 1 << 20;

/** The archive can be read by its own tool, and holds the rows of every table and every large object. */
export async function checkArchive(
  file: string,
  tables: readonly CatalogTable[],
  { largeObjects }: Pick<Manifest, "largeObjects">,
  signal: AbortSignal,
): Promise<void> {
  const { stdout } = await runTool("pg_restore", ["--list", file], { signal });
  // `dump id; class of object, its OID, what it is`: the OID tells tables apart whatever their names.
  const held = new Set([...stdout.matchAll(/^\d+; \d+ (\d+) TABLE DATA /gm)].map(([, oid]) => oid));
  const missing = tables.find(({ oid }) => !held.has(oid));
  if (missing) {
    throw new Failure(
      `The dump lacks the rows of table ${missing.schema}.${missing.name}, which the server has.`,
    );
  }
  if (largeObjects.count > 0 && !/^\d+; \d+ \d+ BLOBS /m.test(stdout)) {
    throw new Failure(`The dump lacks the ${largeObjects.count} large objects of the server.`);
  }
}

/**
 * Whether a dump may be so much smaller than the last good one. Returns a sentence where rows
 * that are gone explain it.
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
  );
}

function dumpBytes({ files }: Pick<Manifest, "files">): number {
  return files.find(({ kind }) => kind === "dump")?.bytes ?? 0;
}

type Contents = Pick<Manifest, "tables" | "largeObjects">;

/** The first thing that lost at least half of what it held. */
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
