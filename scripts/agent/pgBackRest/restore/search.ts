import type { Micros } from "../../../../contract/pgTime";
import { positionOf } from "../segments";
import type { Beginning } from "./begin";
import { endsIn, lastEnd, quiet } from "./ends";
import type { ArchivedSegment, RepositoryFacts, ResolvedWish, Sought } from "./facts";
import { segmentAt } from "./lsn";
import { firstWhere } from "./firstWhere";
import { forkAt } from "./forks";
import type { TransactionEnd } from "./waldump";
import type { WalReader } from "./reader";
import { findPoint, findXid } from "./searchAll";
import { presentAlong, walAlong, type WalPath } from "./walPath";

/** What is arriving in the archive may be a little older than what arrived before it. */
const slack = 120_000_000;

/** How many segments before a backup are read for what it holds. */
const few = 20;

/** Looks for the target of a restore in the archived WAL, and reads as little of it as it can. */
export async function search(
  beginning: Beginning,
  repository: RepositoryFacts,
  { target, timeline }: ResolvedWish,
  reader: WalReader,
): Promise<Sought> {
  const { path, sets } = beginning;
  const [oldest, newest] = [sets[0].wal?.start, sets.at(-1)?.wal?.start];
  if (oldest === undefined || newest === undefined) return { kind: "absent" };
  const wal = walAlong(path, repository, newest);
  /** What is just before the newest backup: after it, nothing may have happened. */
  const before = () =>
    presentAlong(path, repository, oldest)
      .filter(({ segment }) => positionOf(segment).number < positionOf(newest).number)
      .slice(-few);
  switch (target.kind) {
    case "immediate":
      return { kind: "absent" };
    case "latest":
      return ended(wal, (await lastEnd(wal.files, reader)) ?? (await lastEnd(before(), reader)));
    case "lsn":
      return findLsn(wal, target.lsn, reader);
    case "xid":
      return findXid(presentAlong(path, repository, oldest), target.xid, reader);
    case "name":
      return findPoint(presentAlong(path, repository, oldest), target.name, sets, reader);
    case "time": {
      const { found, last } = await findTime(wal.files, target.moment, reader);
      const between = { moment: target.moment, from: positionOf(newest).timeline, last, found };
      // A timeline that is asked for is a decision.
      const fork = timeline === undefined && (await forkAt(between, path, repository, reader));
      if (fork) return { kind: "undone", fork };
      return found ? { kind: "found", place: found } : ended(wal, last);
    }
  }
}

/** What it means that something is not in this WAL. */
function ended({ missing }: WalPath, last: TransactionEnd | undefined): Sought {
  if (missing === undefined) return { kind: "absent", ...(last ? { last } : {}) };
  return { kind: "gap", missing, ...(last ? { last } : {}) };
}

/** A recovery stops at the first record that begins at the LSN or after it. */
async function findLsn(wal: WalPath, lsn: string, reader: WalReader): Promise<Sought> {
  const number = segmentAt(lsn);
  const file = wal.files.find(({ segment }) => positionOf(segment).number === number);
  if (!file) return ended(wal, await lastEnd(wal.files, reader));
  const { timeline } = positionOf(file.segment);
  const isLast = file === wal.files.at(-1);
  if (isLast && (await reader.firstAt(file.segment, lsn)) === undefined) {
    return ended(wal, await lastEnd(wal.files, reader));
  }
  return { kind: "found", place: { lsn, timeline } };
}

/** The first transaction that ended after a moment, and the last one that had ended by then. */
async function findTime(
  files: readonly ArchivedSegment[],
  moment: Micros,
  reader: WalReader,
): Promise<{ found?: TransactionEnd; last?: TransactionEnd }> {
  const isAfter = async (index: number) => {
    for (const { segment } of files.slice(index, index + quiet)) {
      const [first] = await endsIn(segment, reader);
      if (first) return first.at > moment;
    }
    return true;
  };
  const arrived = files.findIndex(({ at }) => at >= moment - slack);
  const begin = await firstWhere(files.length, arrived < 0 ? files.length : arrived, isAfter);
  const before = Math.max(0, begin - 1);
  let last: TransactionEnd | undefined;
  let found: TransactionEnd | undefined;
  // It is in the segment before, behind transactions that had ended in time, or is the first one here.
  for (const { segment } of files.slice(before)) {
    const ends = await endsIn(segment, reader);
    found = await reader.firstReal(ends.filter(({ at }) => at > moment));
    last = (await reader.lastReal(ends.filter(({ at }) => at <= moment))) ?? last;
    if (found) break;
  }
  last ??= await lastEnd(files.slice(0, before), reader);
  return { ...(found ? { found } : {}), ...(last ? { last } : {}) };
}
