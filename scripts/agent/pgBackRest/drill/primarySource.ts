import type { Client } from "pg";
import { visible } from "../../../../contract/visible";
import { dataDirectory, socketFolder } from "../../../../contract/names";
import type { Context, Say } from "../../kit/context";
import { sentenceOf, withStop } from "../../kit/failure";
import { type DatabaseState, type KnownTable, readDatabase } from "./contents";
import { mark } from "./marker";
import { openDatabases, openSuperuser, reading, rowOf, withSuperuser } from "./sessions";
import { readingLimit, type SourceState } from "./source";
import { type Written, writtenBetween } from "./written";

/** Each database is a session that stays open: a server has room for a hundred by default. */
const databasesAtMost = 40;

/** A database whose snapshot is held. */
interface Held {
  name: string;
  client: Client;
  /** The files of its tables, by their OIDs, when the snapshot was taken. */
  files: Map<string, string | null>;
}

const FILES = `
SELECT c.oid::text, pg_catalog.pg_relation_filenode(c.oid)::text AS file
  FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'm') OR c.oid = 'pg_catalog.pg_largeobject'::regclass`;

/** Who writes a table holds such a lock on it until the end of the transaction. */
const LOCKS = `
SELECT d.datname AS database, l.relation::text AS oid
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database
 WHERE l.locktype = 'relation' AND l.granted AND l.mode IN ('RowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

/**
 * The rows of the primary in snapshots that are taken just before the marker, which is the target. What was written
 * between a snapshot and the marker is on the restored server and not in the snapshot. So are the changes of transactions
 * that had not ended when the snapshot was taken. Those tables are unproven.
 */
export async function readPrimary(
  context: Context,
  say: Say,
  signal: AbortSignal,
): Promise<SourceState> {
  const socket = socketFolder("primary");
  const control = await openSuperuser(context, { socket, database: "postgres", signal });
  const held: Held[] = [];
  try {
    const all = await openDatabases(control);
    const names = all.slice(0, databasesAtMost);
    const asked = "SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS lsn";
    // In this order: what a transaction writes after its locks were read is in the WAL from here on.
    const { lsn: from } = await rowOf<{ lsn: string }>(control, asked);
    const locks = (await control.query<{ database: string; oid: string }>(LOCKS)).rows;
    for (const name of names) held.push(await hold(context, name, signal));
    const marker = await mark(context, true);
    const written = await writtenBetween(context, {
      ...{ from, to: marker.lsn, timeline: marker.timeline, signal },
      folder: `${dataDirectory("primary")}/pg_wal`,
    });
    const state: SourceState = {
      ...{ from: "primary", marker, target: marker.lsn },
      ...{ databases: [], notes: [], problems: [] },
      unproven: all.slice(databasesAtMost).map((database) => ({
        ...{ database, name: "all tables" },
        why: `Only the first ${databasesAtMost} databases are read without a standby.`,
      })),
    };
    const limit = readingLimit();
    for (const { name, client, files } of held) {
      say(`comparing: reading the primary's database ${JSON.stringify(name)}`);
      const read = await readDatabase(client, name, {
        ...{ limit, signal, major: context.config.major, live: true },
      });
      const locked = new Set(locks.filter((one) => one.database === name).map(({ oid }) => oid));
      const now = await filesNow(context, name, signal);
      const whyOf = (oid: string) => whyUnproven(oid, { locked, written, files, now });
      state.databases.push(keepProven(read, whyOf, await largeObject(client)));
    }
    state.unproven.push(...state.databases.flatMap(({ unproven }) => unproven));
    state.problems.push(...state.databases.flatMap(({ problems }) => problems));
    return state;
  } finally {
    for (const { client } of held) await client.end().catch(() => undefined);
    await control.end().catch(() => undefined);
  }
}

async function hold(context: Context, name: string, signal: AbortSignal): Promise<Held> {
  const where = { socket: socketFolder("primary"), database: name, signal, settings: reading };
  const client = await openSuperuser(context, where);
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  return { name, client, files: await filesOf(client) };
}

async function filesOf(client: Client): Promise<Map<string, string | null>> {
  const { rows } = await client.query<{ oid: string; file: string | null }>(FILES);
  return new Map(rows.map(({ oid, file }) => [oid, file]));
}

/** As they are now: a table that was emptied or rewritten has another file, and an older snapshot reads it wrongly. */
const filesNow = (context: Context, database: string, signal: AbortSignal) =>
  withSuperuser(context, { socket: socketFolder("primary"), database, signal }, filesOf).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      context.log(`${database}: ${visible(withStop(sentenceOf(error)))}`);
      return new Map<string, string | null>();
    },
  );

const largeObject = async (client: Client): Promise<string> => {
  const asked = "SELECT 'pg_catalog.pg_largeobject'::regclass::oid::text AS oid";
  return (await rowOf<{ oid: string }>(client, asked)).oid;
};

/** What is known of the writes around a snapshot. */
export interface Writes {
  locked: ReadonlySet<string>;
  written: Written;
  files: ReadonlyMap<string, string | null>;
  now: ReadonlyMap<string, string | null>;
}

/** Why the rows of a table may differ on the restored server. Undefined: they may not. */
export function whyUnproven(
  oid: string,
  { locked, written, files, now }: Writes,
): string | undefined {
  const file = files.get(oid);
  if (locked.has(oid) || written.oids.has(oid) || (file && written.files.has(file))) {
    return "It was written while the marker was.";
  }
  return now.get(oid) === file ? undefined : "It was rewritten while it was read.";
}

/** Leaves out what was written meanwhile. */
export function keepProven(
  read: DatabaseState,
  whyOf: (oid: string) => string | undefined,
  largeObjects: string,
): DatabaseState {
  const tables: KnownTable[] = [];
  const unproven = [...read.unproven];
  for (const one of read.tables) {
    const why = whyOf(one.table.oid);
    const name = `${one.table.schema}.${one.table.name}`;
    if (why === undefined) tables.push(one);
    else unproven.push({ database: read.name, name, why });
  }
  const why = read.largeObjects && whyOf(largeObjects);
  if (why === undefined) return { ...read, tables, unproven };
  return {
    ...{ name: read.name, tables, problems: read.problems },
    unproven: [...unproven, { database: read.name, name: "large objects", why }],
  };
}
