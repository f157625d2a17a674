import type { Client } from "pg";
import type { DrillResult } from "../../../../contract/drillRecord";
import type { TableContent } from "../../../../contract/manifest";
import { algorithmOf, contentOf, largeObjectsOf } from "../../dump/contents";
import type { Say } from "../../kit/context";
import { withStop } from "../../kit/failure";
import type { DatabaseState, KnownTable } from "./contents";
import { saidBy } from "./said";
import type { DrillServer } from "./server";
import { reading } from "./sessions";

/** What the comparison found. */
export interface Compared {
  figures: NonNullable<DrillResult["compared"]>;
  /** One sentence each. */
  differences: string[];
}

/** Counts and sums the same tables on the restored server, in the same way, and compares. */
export async function compareAll(
  server: DrillServer,
  databases: readonly DatabaseState[],
  { major, say, signal }: { major: number; say: Say; signal: AbortSignal },
): Promise<Compared> {
  const found: Compared = { figures: { databases: 0, tables: 0, rows: 0 }, differences: [] };
  for (const database of databases) {
    say(`comparing: reading the restored database ${JSON.stringify(database.name)}`);
    const compare = async (client: Client) => {
      for (const table of database.tables) {
        signal.throwIfAborted();
        const difference = await compareTable(client, table);
        if (difference !== undefined) found.differences.push(inDatabase(database, difference));
        else {
          found.figures.tables++;
          found.figures.rows += table.content.rows;
        }
      }
      const large = await compareLarge(client, database, major);
      if (large !== undefined) found.differences.push(inDatabase(database, large));
      found.figures.databases++;
    };
    await server.in(database.name, compare, reading).catch((error: unknown) => {
      signal.throwIfAborted();
      const why = `it cannot be read: ${saidBy(error)}`;
      found.differences.push(inDatabase(database, why));
    });
  }
  return found;
}

const inDatabase = ({ name }: DatabaseState, difference: string) =>
  `${JSON.stringify(name)}: ${withStop(difference)}`;

async function compareTable(
  client: Client,
  { table, content }: KnownTable,
): Promise<string | undefined> {
  const name = `${table.schema}.${table.name}`;
  try {
    return difference(name, content, await contentOf(client, table, content.algorithm));
  } catch (error) {
    // A connection that is lost says nothing about one table.
    if (!/^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code))) throw error;
    return `${name} cannot be read: ${saidBy(error)}`;
  }
}

/** In one phrase. Undefined: they are equal. */
export function difference(
  name: string,
  expected: Pick<TableContent, "rows" | "checksum">,
  found: Pick<TableContent, "rows" | "checksum">,
): string | undefined {
  if (found.rows !== expected.rows) {
    return `${name} has ${found.rows} rows instead of ${expected.rows}`;
  }
  return found.checksum === expected.checksum ? undefined : `${name} has other rows`;
}

async function compareLarge(
  client: Client,
  { largeObjects: expected }: DatabaseState,
  major: number,
): Promise<string | undefined> {
  if (!expected) return undefined;
  const found = await largeObjectsOf(client, algorithmOf(major));
  if (found.count !== expected.count) {
    return `there are ${found.count} large objects instead of ${expected.count}`;
  }
  return found.checksum === expected.checksum ? undefined : "the large objects have other contents";
}
