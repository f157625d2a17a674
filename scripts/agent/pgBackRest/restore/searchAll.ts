import type { Backup } from "../info";
import { positionOf } from "../segments";
import { endsIn } from "./ends";
import type { ArchivedSegment, Sought, WalPlace } from "./facts";
import { firstWhere } from "./firstWhere";
import { isBefore } from "./lsn";
import type { WalReader } from "./reader";
import { stopOf } from "./timelines";
import { isPoint, type RunningXids, runningXids, wasBefore } from "./waldump";

/** How many segments are read for one record: a minute or so. */
const most = 500;

/** The end of a transaction. Its number is given in order, and it ends while it is among the running ones. */
export async function findXid(
  files: readonly ArchivedSegment[],
  xid: number,
  reader: WalReader,
): Promise<Sought> {
  const isLater = async (index: number) => {
    for (const { segment } of files.slice(index, index + most)) {
      const [first] = await runningIn(segment, reader);
      if (first) return wasBefore(xid, first.next);
    }
    return true;
  };
  const later = await firstWhere(files.length, files.length, isLater);
  const begin = Math.max(0, later - 1);
  const over: Sought = { kind: later === 0 ? "earlier" : "absent" };
  for (const { segment } of files.slice(begin, begin + most)) {
    const ends = await endsIn(segment, reader);
    const place = await reader.firstReal(ends.filter((one) => one.xid === xid));
    if (place) return { kind: "found", place };
    const running = await runningIn(segment, reader);
    if (running.some(({ oldest }) => wasBefore(xid, oldest))) return over;
  }
  return begin + most < files.length ? { kind: "not-read" } : over;
}

async function runningIn(segment: string, reader: WalReader): Promise<RunningXids[]> {
  return (await reader.read(segment, "Standby")).flatMap((record) => runningXids(record) ?? []);
}

/**
 * A restore point, from the newest WAL back. Where several have the name, recovery stops at the first one behind the
 * backup that it begins with.
 */
export async function findPoint(
  files: readonly ArchivedSegment[],
  name: string,
  sets: readonly Backup[],
  reader: WalReader,
): Promise<Sought> {
  let place: WalPlace | undefined;
  let least = -1;
  for (const { segment } of files.slice(-most).reverse()) {
    const { timeline, number } = positionOf(segment);
    if (number < least) break;
    const points = (await reader.read(segment, "XLOG")).filter((one) => isPoint(one, name));
    const usable = points.filter(({ lsn }) => !place || behind(sets, place, lsn));
    const real = await reader.firstReal(
      usable.map(({ lsn, description }) => ({ lsn, timeline, description })),
    );
    if (!real) continue;
    place = real;
    const set = newestBefore(sets, place);
    if (!set?.wal) break;
    least = positionOf(set.wal.start).number;
  }
  if (place) return { kind: "found", place };
  return { kind: files.length > most ? "not-read" : "absent" };
}

/** The backup that a recovery to a place begins with. */
const newestBefore = (sets: readonly Backup[], { lsn }: WalPlace) =>
  sets.findLast((one) => !isBefore(lsn, stopOf(one) ?? lsn));

/** Whether an earlier place is passed on the way to a later one. */
const behind = (sets: readonly Backup[], later: WalPlace, lsn: string) =>
  !isBefore(lsn, stopOf(newestBefore(sets, later) ?? {}) ?? lsn);
