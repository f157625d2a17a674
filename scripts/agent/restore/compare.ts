import type { Client } from "pg";
import { algorithmOf, type CatalogTable, contentOf, largeObjectsOf } from "../dump/contents";
import { type ComparisonDuringRestore, nameOf } from "./comparisonDuringRestore";
import type { Login } from "./login";
import type { Comparison } from "../../../contract/agentReplies";
import type { Manifest, TableContent } from "../../../contract/manifest";

const PROGRESS_MS = 2000;
/** Fewer are summed before a second session is open. */
const FEW_ROWS = 100_000;

/** A comparison under way. */
export interface Comparing {
  database: string;
  manifest: Manifest;
  /** Tables that are known to be equal already. */
  equal: ComparisonDuringRestore["equal"];
  say: (progress: string) => void;
  signal: AbortSignal;
}

/**
 * Counts and sums tables, as the dump did, and compares them with the manifest. What it finds is
 * added to `found`.
 *
 * @param login opens sessions with the rights of the tables' owner
 */
export async function compareTables(
  login: Pick<Login, "during">,
  tables: readonly CatalogTable[],
  { database, manifest, equal, say, signal }: Comparing,
  found: Comparison,
): Promise<void> {
  const wanted = new Map(manifest.tables.map((table) => [nameOf(table), table]));
  // The largest come first, so that at the end no session is left alone with a long one.
  const waiting = tables.filter((table) => wanted.has(nameOf(table)));
  let said = Date.now();
  const work = async (client: Client) => {
    // One table may be most of a database. Then the session without work should help.
    await client.query("SET max_parallel_workers_per_gather = 1");
    for (let table = waiting.shift(); table; table = waiting.shift()) {
      const expected = wanted.get(nameOf(table));
      found.tables++;
      // The rows of a foreign table are on another server.
      if (!expected || expected.checksum === null) continue;
      const content =
        equal.get(nameOf(table)) ?? (await contentOf(client, table, expected.algorithm));
      found.rows += content.rows;
      found.differences.push(...difference(expected, content));
      if (Date.now() - said < PROGRESS_MS) continue;
      said = Date.now();
      say(`compared ${found.tables} of ${wanted.size} tables, ${found.rows} rows`);
    }
  };
  const rows = waiting.reduce((sum, table) => sum + (wanted.get(nameOf(table))?.rows ?? 0), 0);
  const sessions = waiting.length === 0 ? 0 : rows < FEW_ROWS ? 1 : 2;
  await Promise.all(Array.from({ length: sessions }, () => login.during(database, signal, work)));
}

/** The same for the large objects. They run nobody's code. */
export async function compareLargeObjects(
  login: Login,
  { database, manifest, signal }: Comparing,
  found: Comparison,
): Promise<void> {
  const algorithm = algorithmOf(parseInt(manifest.source.version, 10));
  const { count, checksum } = await login.during(database, signal, (client) =>
    largeObjectsOf(client, algorithm),
  );
  found.largeObjects = count;
  if (manifest.fromArchive) return;
  const expected = manifest.largeObjects;
  if (count !== expected.count) {
    found.differences.push(`there are ${count} large objects instead of ${expected.count}`);
  } else if (checksum !== expected.checksum) {
    found.differences.push("the large objects have other contents");
  }
}

/** A phrase for each table of the manifest that is not there. */
export function missingTables(manifest: Manifest, tables: readonly CatalogTable[]): string[] {
  const there = new Set(tables.map(nameOf));
  return manifest.tables
    .map(nameOf)
    .filter((table) => !there.has(table))
    .map((table) => `${table} is missing`);
}

function difference(expected: TableContent, found: TableContent): string[] {
  const name = nameOf(expected);
  if (found.rows !== expected.rows) {
    return [`${name} has ${found.rows} rows instead of ${expected.rows}`];
  }
  return found.checksum === expected.checksum ? [] : [`${name} has other rows`];
}
