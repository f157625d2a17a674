import type { Client } from "pg";
import type { Unproven } from "../../../../contract/drillRecord";
import type { Manifest, TableContent } from "../../../../contract/manifest";
import {
  algorithmFor,
  algorithmOf,
  type CatalogTable,
  catalogTables,
  contentOf,
  copyAlgorithm,
  largeObjectsOf,
} from "../../dump/contents";
import { COPIED_SINCE, filledViews, viewContent } from "../../dump/materializedViews";
import { elapsed } from "../../kit/clock";
import { codeOf } from "../../kit/failure";
import { duration } from "../../kit/figures";
import { saidBy } from "./said";

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
  /** What is damaged on the server that was read, one sentence each. */
  problems: string[];
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
  /**
   * Its owners may change it meanwhile: a table that was listed can be another one when it is read by its name. So
   * everything is read by COPY, which plans nothing.
   */
  live: boolean;
}

/**
 * Counts and sums every table of a database, in the session's snapshot. The smallest come first: when the time is over,
 * few are left. Nothing of a user is called, as in a dump.
 */
export async function readDatabase(
  client: Client,
  name: string,
  { limit, major, signal, live }: Reading,
): Promise<DatabaseState> {
  const tables = (await catalogTables(client, ["r"])).toReversed();
  const views = (await filledViews(client)).toReversed();
  const state: DatabaseState = { name, tables: [], unproven: [], problems: [] };
  const leave = (what: string, why: string) =>
    state.unproven.push({ database: name, name: what, why });
  const note = (what: string, { why, code }: NotRead) => {
    if (code === undefined || !isDamage(code, live)) return leave(what, why);
    return state.problems.push(
      `${JSON.stringify(name)}: the server that was read is damaged: ${what}. ${why}`,
    );
  };
  for (const table of [...tables, ...views]) {
    signal.throwIfAborted();
    const called = `${table.schema}.${table.name}`;
    if (table.unlogged) {
      leave(called, "It is unlogged: no backup holds its rows.");
      continue;
    }
    const read = await limited(client, limit, () => readTable(client, table, { major, live }));
    if ("why" in read) note(called, read);
    else if (read.value.checksum === null) {
      leave(called, "Only a query could read it, which could run code of its owner.");
    } else state.tables.push({ table, content: read.value });
  }
  const large = await limited(client, limit, () => largeObjectsOf(client, algorithmOf(major)));
  if ("why" in large) note("large objects", large);
  else state.largeObjects = large.value;
  return state;
}

/** Without a checksum where nothing but a query could read it. */
function readTable(
  client: Client,
  table: CatalogTable,
  { major, live }: Pick<Reading, "major" | "live">,
): Promise<TableContent> {
  const isView = table.kind === "materialized view";
  if (!live) {
    return isView
      ? viewContent(client, table, major)
      : contentOf(client, table, algorithmFor(table, major));
  }
  if (isView && major < COPIED_SINCE)
    return viewContent(client, { ...table, builtInOnly: false }, major);
  return contentOf(client, table, copyAlgorithm(table));
}

/** What a server says of damage: of its data, or of its disk. Another change of a live table can be an internal error. */
export const isDamage = (code: string, live = false): boolean =>
  live ? /^(XX00[12]|58...)$/.test(code) : /^(XX|58)...$/.test(code);

/** Why something was not read. */
interface NotRead {
  why: string;
  /** The SQLSTATE. Absent: there was no time. */
  code?: string;
}

/** One reading within the time that is left. A subtransaction, so that its locks end with it. */
async function limited<T>(
  client: Client,
  { seconds, until }: Limit,
  work: () => Promise<T>,
): Promise<{ value: T } | NotRead> {
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
    return { why: `It could not be read: ${saidBy(error)} [${code}]`, code };
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one").catch(() => undefined);
  }
}
