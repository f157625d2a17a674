import { positionOf } from "../segments";
import type { ArchivedSegment, Leg, RepositoryFacts } from "./facts";
import { segmentAt, segmentName } from "./lsn";

/** The segments that a recovery reads one after the other, and the first one that is missing between them. */
export interface WalPath {
  files: ArchivedSegment[];
  /** The name of the segment that is missing. Absent: there is no gap up to the end. */
  missing?: string;
}

/** How many segments may be missing in a row: then the archive has ended, or is another one's. */
const farthest = 1_000_000;

/**
 * The WAL from a segment on along a path of timelines. As PostgreSQL does, it takes the newest timeline that has
 * the segment and had begun by then.
 *
 * @param from the segment that a backup begins with
 * @param to the number of the last segment that is needed; absent: as far as there is WAL
 */
export function walAlong(
  path: readonly Leg[],
  { segments }: Pick<RepositoryFacts, "segments">,
  from: string,
  to?: number,
): WalPath {
  const known = new Map(segments.map((one) => [one.segment, one]));
  const end = Math.min(to ?? lastNumber(path, segments), positionOf(from).number + farthest);
  const files: ArchivedSegment[] = [];
  for (let number = positionOf(from).number; number <= end; number++) {
    const names = namesOf(path, number);
    const file = names.flatMap((name) => known.get(name) ?? [])[0];
    if (!file)
      return { files, missing: names[0] ?? segmentName(path.at(-1)?.timeline ?? 1, number) };
    files.push(file);
  }
  return { files };
}

/** The names that the segment of a number may have on a path, the newest timeline first. */
function namesOf(path: readonly Leg[], number: number): string[] {
  const legs = path.filter((leg, index) => {
    const before = path[index - 1];
    const begins = before?.until === undefined ? 0 : segmentAt(before.until);
    const ends = leg.until === undefined ? Infinity : segmentAt(leg.until);
    return begins <= number && number <= ends;
  });
  return legs.map(({ timeline }) => segmentName(timeline, number)).reverse();
}

/** The number of the last segment on a path. What a left timeline has beyond its end does not count. */
function lastNumber(path: readonly Leg[], segments: readonly ArchivedSegment[]): number {
  const ends = new Map(
    path.map(({ timeline, until }) => [
      timeline,
      until === undefined ? Infinity : segmentAt(until),
    ]),
  );
  return segments.reduce((last, { segment }) => {
    const { timeline, number } = positionOf(segment);
    return number <= (ends.get(timeline) ?? -1) ? Math.max(last, number) : last;
  }, -1);
}

/** The same of all segments that are there, whatever is missing between them. */
export function presentAlong(
  path: readonly Leg[],
  { segments }: Pick<RepositoryFacts, "segments">,
  from: string,
): ArchivedSegment[] {
  const known = new Map(segments.map((one) => [one.segment, one]));
  const numbers = new Set(segments.map(({ segment }) => positionOf(segment).number));
  return [...numbers]
    .filter((number) => number >= positionOf(from).number)
    .sort((a, b) => a - b)
    .flatMap((number) => namesOf(path, number).flatMap((name) => known.get(name) ?? [])[0] ?? []);
}
