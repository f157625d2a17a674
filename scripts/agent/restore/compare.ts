import type { Client } from "pg";
import { algorithmOf, catalogTables, contentOf, largeObjectsOf } from "../dump/contents";
import { type ComparisonDuringRestore, nameOf } from "./comparisonDuringRestore";
import type { Login } from "./login";
import type { Comparison } from "../../../contract/agentReplies";
import type { Manifest, TableContent } from "../../../contract/manifest";

const PROGRESS_MS = 2000;

/**
 * Counts and sums what a database holds, as the dump did, and compares it with the manifest.
 *
 * @param equal tables that are known to be equal already
 */
export async function compare(
  login: Login,
  database: string,
  manifest: Manifest,
  equal: ComparisonDuringRestore["equal"],
  say: (progress: string) => void,
  signal: AbortSignal,
): Promise<Comparison> {
  const wanted = new Map(manifest.tables.map((table) => [nameOf(table), table]));
  // The largest come first, so that at the end no session is left alone with a long one.
  const waiting = (await login.during(database, signal, catalogTables)).filter((table) =>
    wanted.has(nameOf(table)),
  );
  const there = new Set(waiting.map(nameOf));
  const found: Comparison = {
    ...{ tables: 0, rows: 0, largeObjects: 0 },
    differences: [...wanted.keys()]
      .filter((table) => !there.has(table))
      .map((table) => `${table} is missing`),
  };
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
  const objects = async (client: Client) => {
    const algorithm = algorithmOf(parseInt(manifest.source.version, 10));
    const { count, checksum } = await largeObjectsOf(client, algorithm);
    found.largeObjects = count;
    const expected = manifest.largeObjects;
    if (count !== expected.count) {
      found.differences.push(`there are ${count} large objects instead of ${expected.count}`);
    } else if (checksum !== expected.checksum) {
      found.differences.push("the large objects have other contents");
    }
  };
  await Promise.all([
    login.during(database, signal, work),
    login.during(database, signal, async (client) => {
      await objects(client);
      await work(client);
    }),
  ]);
  return found;
}

function difference(expected: TableContent, found: TableContent): string[] {
  const name = nameOf(expected);
  if (found.rows !== expected.rows) {
    return [`${name} has ${found.rows} rows instead of ${expected.rows}`];
  }
  return found.checksum === expected.checksum ? [] : [`${name} has other rows`];
}
