import { appendFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Server } from "../../../contract/agentConfig";
import type { DumpFile, Manifest, Omission } from "../../../contract/manifest";
import type { Context } from "../kit/context";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { canBeWritten } from "../kit/files";
import { openSession } from "../kit/session";
import { checkArchive, checkSize } from "./checks";
import { catalogTables } from "./contents";
import { propertiesOf, settingsOfAllRoles } from "./databaseProperties";
import { type FinishedDump, finishedDumps } from "./finished";
import { takeNumber } from "./number";
import { checkConnectionRoom } from "./connectionRoom";
import { checkRoom } from "./room";
import { usableName } from "./folderNames";
import { newPartial } from "./folders";
import { inFolder } from "./folderTrial";
import { checkLockRoom } from "./lockRoom";
import { filledViews } from "./materializedViews";
import { holdsRows, omissionsOf } from "./omissions";
import { pgDump, pgDumpGlobals, toolVersion } from "./pgTools";
import { writePlain } from "./plain";
import { describeFiles, publish } from "./publish";
import { catalogSequences, dumpedSequences } from "./sequences";
import { contentsOf } from "./snapshot";
import { describeSource, refuseUnfinished } from "./source";
import { TableLocks } from "./tableLocks";
import { snapshotWithoutAmcheck } from "./temporaryAmcheck";

/** One attempt to dump one database from one server. */
export interface Attempt {
  database: string;
  server: Server;
  /** Why this is not the configured source. */
  insteadOf?: string;
  /** The name of the run's sessions. */
  application: string;
  acceptSmaller: boolean;
  /** Databases of the server that are not dumped. */
  leftOut?: Omission[];
  signal: AbortSignal;
}

/** A dump that was just made. */
export interface Made extends FinishedDump {
  /** Something that the caller should know. */
  remark?: string;
}

/** Writes, checks and publishes a dump. When anything goes wrong, nothing of it stays. */
export async function dumpFrom(context: Context, attempt: Attempt): Promise<Made> {
  const name = await usableName(context, attempt.database);
  const partial = await inFolder(context, "make a folder", () => newPartial(context, name));
  try {
    const { last, highest } = await dumpsBefore(context, attempt.database);
    const written = await write(context, attempt, { name, partial, last });
    const remark = attempt.acceptSmaller ? undefined : checkSize(written, last);
    attempt.signal.throwIfAborted();
    const number = await takeNumber(context, highest);
    const manifest = { ...written, number };
    const id = await inFolder(context, "publish a dump", () => publish(context, partial, manifest));
    return { id, manifest, signature: "ours", number, ...(remark ? { remark } : {}) };
  } catch (error) {
    // The tools say in words only that a disk is full, so the disk itself is asked.
    const ownDisk = !attempt.signal.aborted && !(await canBeWritten(partial));
    await rm(partial, { recursive: true, force: true, maxRetries: 3 }).catch((left: unknown) =>
      context.log(`an unfinished dump could not be removed: ${sentenceOf(left)}`),
    );
    throw ownDisk ? new Failure(withStop(sentenceOf(error)), "own-disk") : error;
  }
}

/** The last dump of a database, and the highest number of all dumps. Their manifests may be large. */
async function dumpsBefore(context: Context, database: string) {
  const dumps = await finishedDumps(context);
  const last = dumps.find(({ manifest }) => manifest.database.name === database);
  return { last, highest: Math.max(0, ...dumps.map(({ number = 0 }) => number)) };
}

async function write(
  context: Context,
  attempt: Attempt,
  {
    name: folder,
    partial,
    last,
  }: { name: string; partial: string; last?: FinishedDump | undefined },
): Promise<Manifest> {
  const { config } = context;
  const { database, server, insteadOf, application } = attempt;
  // The first part that fails ends the others.
  const failed = new AbortController();
  const signal = AbortSignal.any([attempt.signal, failed.signal]);
  const client = await openSession(context, server, { database, application, signal });
  try {
    await checkConnectionRoom(client);
    const databaseBytes = await checkRoom(context, client, database, last);
    const snapshot = await snapshotWithoutAmcheck(client, signal);
    const takenAt = new Date().toISOString();
    const source = await describeSource(client, server);
    await refuseUnfinished(client, config.stack, database);
    const tables = await catalogTables(client);
    const held = tables.filter((table) => holdsRows(table, source.inRecovery));
    const locks = new TableLocks(client, held, application);
    await checkLockRoom(client, server);
    await locks.lockLargest();
    const views = await filledViews(client);
    const sequences = await catalogSequences(client, source.inRecovery);
    const properties = await propertiesOf(context, client, source.inRecovery, {
      ...attempt,
      signal,
    });
    const omissions = await omissionsOf(client, tables, config.role, source);

    const names = fileNames(folder, config.dumps.plain);
    const path = (kind: DumpFile["kind"]) => join(partial, names[kind] ?? "");
    const target = { server, database, application };
    const [{ encoding }, { passwords }] = [properties, source];
    const dump = pgDump(context, target, { snapshot, encoding, file: path("dump"), signal });
    const parts = [
      dump,
      locks.awaitDump(dump, signal).then(() => contentsOf(client, locks, views, config.major)),
      pgDumpGlobals(context, target, { encoding, file: path("globals"), passwords, signal }),
      toolVersion(signal),
    ] as const;
    const [, contents, , tool] = await together(failed, parts);
    await appendFile(path("globals"), await settingsOfAllRoles(client));
    await client.end();
    const written = Object.entries(names).map(([kind, name]) => ({ kind, name }) as DumpFile);
    // From here on only our own files are read, so no other server can help.
    const reading = [
      ofOurs(signal, async () => {
        if (config.dumps.plain) await writePlain(path("dump"), path("plain"), signal);
        return describeFiles(partial, written, signal);
      }),
      checkArchive(path("dump"), held, contents, signal),
      Promise.resolve().then(() => dumpedSequences(path("dump"), sequences)),
    ] as const;
    const [files, , sequenceValues] = await together(failed, reading);
    return {
      format: 1,
      stack: config.stack,
      takenAt,
      databaseBytes,
      database: properties,
      source: { ...source.described, ...(insteadOf ? { insteadOf } : {}) },
      role: roleOf(context),
      tool,
      files,
      ...contents,
      sequences: sequenceValues,
      // The key is a format on disk, and stays.
      leftOut: omissions,
      ...(attempt.leftOut?.length ? { databasesLeftOut: attempt.leftOut } : {}),
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Waits for all parts. The first that fails ends the others, and nothing works on after it. */
async function together<Parts extends readonly Promise<unknown>[]>(
  failed: AbortController,
  parts: Parts,
) {
  return Promise.all(parts).catch(async (error: unknown) => {
    failed.abort(error);
    await Promise.allSettled(parts);
    throw error;
  });
}

/** Work on our own files. Whatever fails there is the folder's fault. */
async function ofOurs<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw new Failure(withStop(sentenceOf(error)), "own-disk");
  }
}

function roleOf({ config }: Context): Manifest["role"] {
  if (!config.role.superuser) return config.role;
  return {
    ...config.role,
    why: `PostgreSQL ${config.major} has no pg_read_all_data: only a superuser can read everything.`,
  };
}

function fileNames(folder: string, plain: boolean): Partial<Record<DumpFile["kind"], string>> {
  return {
    dump: `${folder}.backup`,
    globals: "globals.sql",
    ...(plain ? { plain: `${folder}.sql.gz` } : {}),
  };
}
