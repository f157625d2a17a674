import type { Client } from "pg";
import { algorithmOf, type CatalogTable, contentOf, largeObjectsOf } from "../dump/contents";
import { type ComparisonDuringRestore, nameOf } from "./comparisonDuringRestore";
import type { Login } from "./login";
import type { Comparison } from "../../../contract/agentReplies";
import type { Manifest, TableContent } from "../../../contract/manifest";
import { elapsed } from "../kit/clock";

const PROGRESS_MS = 2000;
/** Fewer are summed before a second session is open. */
const FEW_ROWS = 100_000;

/** The name of all large objects in `excused`. */
export const largeObjectsName = "large objects";

/** What was found. */
export interface Found extends Comparison {
  /** The differences that no missing object explains. */
  unexplained: string[];
}

/** A comparison under way. */
export interface Comparing {
  database: string;
  manifest: Manifest;
  /** Tables that are known to be equal already. */
  equal: ComparisonDuringRestore["equal"];
  /** What is known to be missing, by name. A difference of another one ends the restore. */
  excused: ReadonlySet<string>;
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
  comparing: Comparing,
  found: Found,
): Promise<void> {
  const { database, manifest, equal, say, signal } = comparing;
  const wanted = new Map(manifest.tables.map((table) => [nameOf(table), table]));
  // The largest come first, so that at the end no session is left alone with a long one.
  const waiting = tables.filter((table) => wanted.has(nameOf(table)));
  let said = elapsed();
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
      const phrase = difference(expected, content);
      if (phrase !== undefined) differs(comparing, found, nameOf(table), phrase);
      if (elapsed() - said < PROGRESS_MS) continue;
      said = elapsed();
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
  comparing: Comparing,
  found: Found,
): Promise<void> {
  const { database, manifest, signal } = comparing;
  const algorithm = algorithmOf(parseInt(manifest.source.version, 10));
  const { count, checksum } = await login.during(database, signal, (client) =>
    largeObjectsOf(client, algorithm),
  );
  found.largeObjects = count;
  if (manifest.fromArchive) return;
  const expected = manifest.largeObjects;
  if (count !== expected.count) {
    const phrase = `there are ${count} large objects instead of ${expected.count}`;
    differs(comparing, found, largeObjectsName, phrase);
  } else if (checksum !== expected.checksum) {
    differs(comparing, found, largeObjectsName, "the large objects have other contents");
  }
}

/** Adds a difference for each table of the manifest that is not there. */
export function compareNames(
  tables: readonly CatalogTable[],
  comparing: Pick<Comparing, "manifest" | "excused">,
  found: Found,
): void {
  const there = new Set(tables.map(nameOf));
  for (const table of comparing.manifest.tables.map(nameOf)) {
    if (!there.has(table)) differs(comparing, found, table, `${table} is missing`);
  }
}

/** Adds a difference of what has this name. */
export function differs(
  { excused }: Pick<Comparing, "excused">,
  found: Found,
  name: string,
  phrase: string,
): void {
  found.differences.push(phrase);
  if (!excused.has(name)) found.unexplained.push(phrase);
}

function difference(expected: TableContent, found: TableContent): string | undefined {
  const name = nameOf(expected);
  if (found.rows !== expected.rows) {
    return `${name} has ${found.rows} rows instead of ${expected.rows}`;
  }
  return found.checksum === expected.checksum ? undefined : `${name} has other rows`;
}
