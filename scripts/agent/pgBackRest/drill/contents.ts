import type { Client } from "pg";
import type { Unproven } from "../../../../contract/drillRecord";
import type { Manifest, TableContent } from "../../../../contract/manifest";
import { visible } from "../../../../contract/visible";
import {
  algorithmFor,
  algorithmOf,
  type CatalogTable,
  catalogTables,
  contentOf,
  largeObjectsOf,
} from "../../dump/contents";
import { filledViews, viewContent } from "../../dump/materializedViews";
import { elapsed } from "../../kit/clock";
import { codeOf, sentenceOf, withStop } from "../../kit/failure";
import { duration } from "../../kit/figures";

/** A table whose rows were counted and summed. */
export interface KnownTable {
  table: CatalogTable;
  content: TableContent;
}

/** What was read of a database. */
export interface DatabaseState {
  name: string;
  tables: KnownTable[];
  /** Absent: they could not be read. */
  largeObjects?: Manifest["largeObjects"];
  unproven: Unproven[];
}

/** The SQLSTATE of a statement that its time limit ended. */
const tookTooLong = "57014";

/** How long all tables of a server may take. */
export interface Limit {
  seconds: number;
  /** When it is over, by `elapsed`. */
  until: number;
}

export const limitOf = (seconds: number): Limit => ({ seconds, until: elapsed() + seconds * 1000 });

/** What is read of each database. */
export interface Reading {
  limit: Limit;
  major: number;
  signal: AbortSignal;
}

/**
 * Counts and sums every table of a database, in the session's snapshot. The smallest come first: when the time is over,
 * few are left. Nothing of a user is called, as in a dump.
 */
export async function readDatabase(
  client: Client,
  name: string,
  { limit, major, signal }: Reading,
): Promise<DatabaseState> {
  const tables = (await catalogTables(client, ["r"])).toReversed();
  const views = (await filledViews(client)).toReversed();
  const state: DatabaseState = { name, tables: [], unproven: [] };
  const leave = (what: string, why: string) =>
    state.unproven.push({ database: name, name: what, why });
  for (const table of [...tables, ...views]) {
    signal.throwIfAborted();
    const called = `${table.schema}.${table.name}`;
    if (table.unlogged) {
      leave(called, "It is unlogged: no backup holds its rows.");
      continue;
    }
    const read = await limited(client, limit, () =>
      table.kind === "materialized view"
        ? viewContent(client, table, major)
        : contentOf(client, table, algorithmFor(table, major)),
    );
    if ("why" in read) leave(called, read.why);
    else if (read.value.checksum === null) {
      leave(called, "Only a query could read it, which could run code of its owner.");
    } else state.tables.push({ table, content: read.value });
  }
  const large = await limited(client, limit, () => largeObjectsOf(client, algorithmOf(major)));
  if ("why" in large) leave("large objects", large.why);
  else state.largeObjects = large.value;
  return state;
}

/** One reading within the time that is left. A subtransaction, so that its locks end with it. */
async function limited<T>(
  client: Client,
  { seconds, until }: Limit,
  work: () => Promise<T>,
): Promise<{ value: T } | { why: string }> {
  const left = Math.floor(until - elapsed());
  const over = `There was no time left of the ${duration(seconds)} that reading may take.`;
  if (left <= 0) return { why: over };
  await client.query(`SAVEPOINT one; SET LOCAL statement_timeout = ${left}`);
  try {
    return { value: await work() };
  } catch (error) {
    const code = codeOf(error);
    // Without the connection nothing else can be read either.
    if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith("08")) throw error;
    if (code === tookTooLong) return { why: over };
    return { why: `It could not be read: ${withStop(visible(sentenceOf(error)))} [${code}]` };
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one").catch(() => undefined);
  }
}
