import { statfs } from "node:fs/promises";
import type { ClientBase } from "pg";
import type { MinFree } from "../../../contract/agentConfig";
import type { DumpFile } from "../../../contract/manifest";
import { quoted } from "../../../contract/quoting";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { amount } from "../kit/figures";
import type { FinishedDump } from "./finished";

/** What the first dump of a database takes of its size: it is compressed, and has no indexes. */
const FIRST_SHARE = 1 / 3;

/** A database of this size is mostly PostgreSQL's catalogs: its dump says nothing of the rows that came later. */
const MOSTLY_CATALOGS = 64 << 20;

/** A dump that is about to begin, and the file system that it goes to. In bytes. */
export interface Room {
  total: number;
  free: number;
  /** How much the dump takes, and what says so. */
  needed: number;
  because: string;
}

/** How much a dump takes, by the last one of the same database, or by the database's size. */
export function estimate(
  last: Pick<FinishedDump, "manifest"> | undefined,
  databaseBytes: number,
  plain: boolean,
): Pick<Room, "needed" | "because"> {
  const first = databaseBytes * FIRST_SHARE * (plain ? 2 : 1);
  const now = amount(databaseBytes);
  if (!last) return { needed: first, because: `it is the first one, and the database has ${now}` };
  const { files, databaseBytes: before } = last.manifest;
  const bytes = (kind: DumpFile["kind"]) => files.find((file) => file.kind === kind)?.bytes ?? 0;
  const dump = bytes("dump");
  const all = dump + bytes("globals") + (plain ? bytes("plain") || dump : 0);
  const grown = before ? databaseBytes / before : 1;
  if (before !== undefined && before < MOSTLY_CATALOGS && first > all * grown) {
    return {
      needed: first,
      because: `the database had ${amount(before)} at the last one, and has ${now} now`,
    };
  }
  return {
    needed: all * grown,
    because: `the last one took ${amount(dump + bytes("globals") + bytes("plain"))}`,
  };
}

/** Why there is no room for a dump, in one sentence. Undefined: there is. */
export function roomProblem(
  database: string,
  place: string,
  { total, free, needed, because }: Room,
  minFree: MinFree,
): string | undefined {
  const kept = "bytes" in minFree ? minFree.bytes : (total * minFree.percent) / 100;
  const left = free - needed;
  if (left >= kept) return undefined;
  const leaves = left < 0 ? "there are only" : "would leave";
  const rest = amount(left < 0 ? free : left);
  const least = "bytes" in minFree ? "" : `, which is ${amount(kept)}`;
  return (
    `A dump of ${quoted(database)} takes about ${amount(needed)} (${because}), and ${leaves} ${rest} of ` +
    `${amount(total)} free ${place}; laterbase:dumps.minFree is ${minFree.text}${least}. ` +
    "Make room there, or lower minFree."
  );
}

/**
 * Refuses a dump that would leave less room than `minFree`, before it begins.
 *
 * @returns what the database takes on the server's disk
 */
export async function checkRoom(
  context: Context,
  client: ClientBase,
  database: string,
  last: FinishedDump | undefined,
): Promise<number> {
  const { path, minFree, plain } = context.config.dumps;
  const { rows } = await client.query<{ bytes: string }>(
    "SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS bytes",
  );
  const databaseBytes = Number(rows[0]?.bytes);
  const { blocks, bfree, bavail, bsize } = await statfs(context.paths.backups);
  // Some shares do not say how large they are.
  if (!minFree || blocks === 0) return databaseBytes;
  // As df counts: without what only root may use.
  const total = (blocks - bfree + bavail) * bsize;
  const room = {
    ...{ total, free: bavail * bsize },
    ...estimate(last, databaseBytes, plain),
  };
  const place =
    path === undefined ? "in the volume of the dumps" : `in laterbase:dumps.path, "${path}"`;
  const problem = roomProblem(database, place, room, minFree);
  if (problem) throw new Failure(problem, "no-room");
  return databaseBytes;
}
