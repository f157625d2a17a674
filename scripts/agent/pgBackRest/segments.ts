import type { WalGap } from "../../../contract/backupRecord";

/** WAL files in a log file's numbering: with segments of 16 MB, names end in 00 to FF. */
const perLog = 0x100;

/** A WAL segment's name: timeline, log and segment, eight hexadecimal digits each. */
const name = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/;

/** Where a segment is in the order of all. Segments of one timeline follow each other without a gap. */
export interface Position {
  timeline: number;
  number: number;
}

/** Reads a segment's name. */
export function positionOf(segment: string): Position {
  const [, timeline, log, number] = name.exec(segment) ?? [];
  if (timeline === undefined || log === undefined || number === undefined) {
    throw new Error(`${segment} is not the name of a WAL segment`);
  }
  const [high, low] = [Number.parseInt(log, 16), Number.parseInt(number, 16)];
  return { timeline: Number.parseInt(timeline, 16), number: high * perLog + low };
}

/** Whether a name is that of a WAL segment. Timelines' histories and backup labels are not. */
export const isSegment = (text: string): boolean => name.test(text);

/** The name of the segment that follows on the same timeline, or that lies so many further. */
export function nextSegment(segment: string, steps = 1): string {
  const { timeline, number } = positionOf(segment);
  const next = Math.max(0, number + steps);
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
  return hex(timeline) + hex(Math.floor(next / perLog)) + hex(next % perLog);
}

/** The order in which WAL was written: by timeline, and by number in it. Names of one width sort so. */
export const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The WAL that is missing between segments that are there. A new timeline begins inside the segment in which
 * it left the old one, or in the next, so only what lies between both is missing.
 */
export function gapsOf(segments: readonly string[]): WalGap[] {
  const sorted = [...new Set(segments)].sort(inOrder);
  return sorted.slice(1).flatMap((before, index) => {
    const after = sorted[index] ?? before;
    const missing = positionOf(before).number - positionOf(after).number - 1;
    return missing > 0 ? [{ after, before, segments: missing }] : [];
  });
}

/**
 * The segments with what lies beside the WAL of the backups. Without it the WAL that a backup itself needs would be no
 * gap where nothing older or newer is there.
 *
 * @param backups the oldest first
 */
export function withEnds(segments: readonly string[], backups: readonly NeedsWal[]): string[] {
  const needed = backups.flatMap(({ wal }) => (wal ? [wal] : []));
  const starts = needed.map(({ start }) => start).sort(inOrder);
  const stops = needed.map(({ stop }) => stop).sort(inOrder);
  const [first, last] = [starts[0], stops.at(-1)];
  if (first === undefined || last === undefined) return [...segments];
  return [
    ...segments,
    ...(segments.some((one) => one < first) ? [] : [nextSegment(first, -1)]),
    ...(segments.some((one) => one > last) ? [] : [nextSegment(last)]),
  ];
}

/** A gap of more segments than this is named by its ends only. */
const namedAtMost = 10_000;

/** The names of the segments that a gap lacks, on the timeline before it. */
export function missingIn({ after, segments }: WalGap): string[] {
  const names: string[] = [];
  let name = after;
  for (let left = Math.min(segments, namedAtMost); left > 0; left--) {
    name = nextSegment(name);
    names.push(name);
  }
  return names;
}

/** What of a backup says which WAL it needs. */
interface NeedsWal {
  wal?: { start: string; stop: string };
  endedAt: string;
}

/**
 * The gaps that cost something: those inside a backup, and those in the time for which WAL is kept. Before that
 * time, WAL between two backups expires.
 *
 * @param backups the oldest first
 * @param archiveDays how many days of WAL are kept; undefined: for every backup
 */
export function gapsThatMatter(
  gaps: readonly WalGap[],
  backups: readonly NeedsWal[],
  archiveDays: number | undefined,
  now: Date,
): WalGap[] {
  const needed = backups.flatMap(({ wal }) => (wal ? [wal] : []));
  const from = backups[anchorOf(backups, archiveDays, now)]?.wal?.start;
  return gaps.filter(
    ({ after, before }) =>
      needed.some(({ start, stop }) => before > start && after < stop) ||
      (from !== undefined && after >= from),
  );
}

/**
 * The place of the oldest backup from which on all WAL is kept: the newest one that is as old as `archiveDays`,
 * because a restore to a moment needs a backup before it. Without one, and without days: the oldest.
 */
export function anchorOf(
  backups: readonly NeedsWal[],
  archiveDays: number | undefined,
  now: Date,
): number {
  if (archiveDays === undefined) return 0;
  const end = now.getTime() - archiveDays * 24 * 3_600_000;
  return Math.max(
    0,
    backups.findLastIndex(({ endedAt }) => Date.parse(endedAt) <= end),
  );
}
