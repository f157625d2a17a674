import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Client, escapeIdentifier } from "pg";
import { checkArchive, checkSize } from "./checks";
import { type CatalogTable, catalogTables } from "./contents";
import type { Context } from "../kit/context";
import { databaseProperties } from "./databaseProperties";
import { type FinishedDump, finishedDumps } from "./finished";
import { folderName, newPartial } from "./folders";
import { holdsRows, leftOut } from "./omissions";
import { settledSnapshot } from "./temporaryAmcheck";
import { pgDump, pgDumpGlobals, toolVersion } from "./pgTools";
import { writePlain } from "./plain";
import { describeFiles, publish } from "./publish";
import { openSession } from "../kit/session";
import { contentsOf } from "./snapshot";
import { describeSource } from "./source";
import type { Server } from "../../../contract/agentConfig";
import type { DumpFile, Manifest } from "../../../contract/manifest";

/** One try to dump one database from one server. */
export interface Attempt {
  database: string;
  server: Server;
  /** Why this is not the configured source. */
  insteadOf?: string;
  /** The name of the run's sessions. */
  application: string;
  acceptSmaller: boolean;
  signal: AbortSignal;
}

export interface Made extends FinishedDump {
  /** Something that whoever asked should know. */
  remark?: string;
}

/** Writes, checks and publishes a dump. Whatever goes wrong, nothing of it is left. */
export async function dumpFrom(context: Context, attempt: Attempt): Promise<Made> {
  const partial = await newPartial(context, folderName(attempt.database));
  try {
    const [last] = await finishedDumps(context, attempt.database);
    const manifest = await write(context, attempt, partial);
    const remark = attempt.acceptSmaller ? undefined : checkSize(manifest, last);
    attempt.signal.throwIfAborted();
    const id = await publish(context, partial, manifest);
    return { id, manifest, ...(remark ? { remark } : {}) };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function write(context: Context, attempt: Attempt, partial: string): Promise<Manifest> {
  const { config } = context;
  const { database, server, insteadOf, application } = attempt;
  // The first thing that fails ends the rest of it.
  const failed = new AbortController();
  const signal = AbortSignal.any([attempt.signal, failed.signal]);
  const client = await openSession(context, server, { database, application, signal });
  try {
    const snapshot = await settledSnapshot(client, signal);
    const takenAt = new Date().toISOString();
    const source = await describeSource(client, server);
    const tables = await catalogTables(client);
    const held = tables.filter((table) => holdsRows(table, source.inRecovery));
    await lock(client, held);
    const about = await databaseProperties(client, config.major);
    const left = await leftOut(client, tables, config.role, source.inRecovery);

    const names = fileNames(database, config.dumps.plain);
    const path = (kind: DumpFile["kind"]) => join(partial, names[kind] ?? "");
    const target = { server, database, application };
    const reading = { snapshot, database, application, signal };
    const parts = [
      pgDump(context, target, { snapshot, file: path("dump"), signal }),
      contentsOf(context, server, { tables: held, ...reading }),
      pgDumpGlobals(context, target, path("globals"), signal),
    ] as const;
    const [, contents, verifiers] = await Promise.all(parts).catch(async (error: unknown) => {
      failed.abort(error);
      await Promise.allSettled(parts);
      throw error;
    });
    await client.end();
    await checkArchive(path("dump"), held, contents, signal);
    if (config.dumps.plain) await writePlain(path("dump"), path("plain"), signal);
    const written = Object.entries(names).map(([kind, name]) => ({ kind, name }) as DumpFile);
    if (!verifiers) left.push({ what: "the roles' passwords", why: "the role may not read them" });
    return {
      format: 1,
      stack: config.stack,
      takenAt,
      database: about,
      source: { ...source.described, ...(insteadOf ? { insteadOf } : {}) },
      role: roleOf(context),
      tool: await toolVersion(signal),
      files: await describeFiles(partial, written, signal),
      ...contents,
      leftOut: left,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function roleOf({ config }: Context): Manifest["role"] {
  if (!config.role.superuser) return config.role;
  return {
    ...config.role,
    why: `PostgreSQL ${config.major} has no pg_read_all_data: only a superuser can read everything.`,
  };
}

function fileNames(database: string, plain: boolean): Partial<Record<DumpFile["kind"], string>> {
  const folder = folderName(database);
  return {
    dump: `${folder}.backup`,
    globals: "globals.sql",
    ...(plain ? { plain: `${folder}.sql.gz` } : {}),
  };
}

/**
 * Nobody can empty or rewrite a table between its checksum and its dump: a snapshot alone does not
 * keep what TRUNCATE or a rewriting ALTER TABLE throws away.
 */
async function lock(client: Client, tables: readonly CatalogTable[]): Promise<void> {
  if (tables.length === 0) return;
  const names = tables.map(
    ({ schema, name }) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
  );
  await client.query(`LOCK TABLE ONLY ${names.join(", ONLY ")} IN ACCESS SHARE MODE`);
}
