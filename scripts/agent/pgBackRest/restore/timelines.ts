import type { Backup } from "../info";
import { positionOf } from "../segments";
import type { Leg, RepositoryFacts } from "./facts";
import { endOfSegment, isBefore } from "./lsn";

const line = /^\s*(\d+)\s+([0-9A-F]{1,8}\/[0-9A-F]{1,8})/i;

/** The timeline whose history a file of the archive is. */
export function historyOf(path: string): number | undefined {
  const [, timeline] = /(?:^|\/)([0-9A-F]{8})\.history(?:-[0-9a-f]{40}[^/]*)?$/.exec(path) ?? [];
  return timeline === undefined || path.endsWith(".tmp")
    ? undefined
    : Number.parseInt(timeline, 16);
}

/** Reads a timeline's history: a line for each timeline that it came through, with the LSN at which that ended. */
export function parseHistory(timeline: number, text: string): Leg[] {
  const passed = text.split("\n").flatMap((one): Leg[] => {
    const [, number, until] = line.exec(one) ?? [];
    return number === undefined || until === undefined ? [] : [{ timeline: Number(number), until }];
  });
  return [...passed, { timeline }];
}

/**
 * The timelines that lead to one, the oldest first. Undefined: the repository does not have its history. One that was
 * added later has none, and its backups are on that timeline: they need no other.
 */
export function pathTo(
  timeline: number,
  { histories, backups }: Pick<RepositoryFacts, "histories" | "backups">,
): readonly Leg[] | undefined {
  const alone = timeline === 1 || backups.some((one) => timelineOf(one) === timeline);
  return histories.get(timeline) ?? (alone ? [{ timeline }] : undefined);
}

/** The timelines of which a repository has WAL or a history, in their order. */
export function timelinesIn({
  histories,
  segments,
}: Pick<RepositoryFacts, "histories" | "segments">): number[] {
  const withWal = segments.map(({ segment }) => positionOf(segment).timeline);
  return [...new Set([...withWal, ...histories.keys()])].sort((a, b) => a - b);
}

/**
 * The timeline that a restore follows when none is asked for: the primary's, because a stray promotion leaves a newer
 * one in the archive. Without a primary, or without its timeline in the repository: the one whose WAL came last. A higher
 * one may have been undone.
 */
export function usualTimeline(facts: RepositoryFacts, ofPrimary: number | undefined): number {
  const there = timelinesIn(facts);
  if (ofPrimary !== undefined && there.includes(ofPrimary)) return ofPrimary;
  const last = facts.segments.reduce<Segment | undefined>(
    (newest, one) => (newest && newest.at > one.at ? newest : one),
    undefined,
  );
  return last ? positionOf(last.segment).timeline : (there.at(-1) ?? 1);
}

type Segment = RepositoryFacts["segments"][number];

/** The timeline that a backup was made on. */
export const timelineOf = ({ wal }: Pick<Backup, "wal">): number | undefined =>
  wal && positionOf(wal.start).timeline;

/**
 * The LSN up to which a backup needs WAL. Older versions of pgBackRest do not say it, and then it is at the end of the
 * segment at the latest.
 */
export function stopOf({ lsn, wal }: Pick<Backup, "lsn" | "wal">): string | undefined {
  return lsn?.stop ?? (wal && endOfSegment(wal.stop));
}

/** Whether a recovery that begins with a backup can follow a path: it ended before the path left its timeline. */
export function leadsAlong(path: readonly Leg[], backup: Pick<Backup, "lsn" | "wal">): boolean {
  const leg = path.find(({ timeline }) => timeline === timelineOf(backup));
  const stop = stopOf(backup);
  if (!leg || stop === undefined) return false;
  return leg.until === undefined || !isBefore(leg.until, stop);
}
