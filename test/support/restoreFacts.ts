import type {
  Leg,
  RepositoryFacts,
  ResolvedWish,
  StackFacts,
} from "../../scripts/agent/pgBackRest/restore/facts";
import { segmentName } from "../../scripts/agent/pgBackRest/restore/lsn";
import type { Backup } from "../../scripts/agent/pgBackRest/info";
import { archived, lsn, noon } from "./fakeWal";

/** A full backup in a segment of a timeline, which ended so many minutes after noon. */
export function full(segment: number, minute: number, timeline = 1): Backup {
  const ended = new Date(noon / 1000 + minute * 60_000).toISOString();
  const name = segmentName(timeline, segment);
  return {
    label: `${ended.slice(0, 10).replace(/-/g, "")}-${ended.slice(11, 19).replace(/:/g, "")}F`,
    type: "full",
    databaseId: 1,
    startedAt: ended,
    endedAt: ended,
    bytes: 1_000_000_000,
    repositoryBytes: 200_000_000,
    wal: { start: name, stop: name },
    lsn: { start: lsn(segment, 0x28), stop: lsn(segment, 0x120) },
  };
}

/** Segments 1 to 30 of timeline 1, one a minute, and backups of minutes 2 and 10. */
export function repository(facts: Partial<RepositoryFacts> = {}): RepositoryFacts {
  return {
    number: 1,
    location: "volume repositories",
    backups: [full(2, 2), full(10, 10)],
    segments: archived(1, 30),
    histories: new Map<number, readonly Leg[]>(),
    invalid: [],
    ...facts,
  };
}

export const stack = (facts: Partial<StackFacts> = {}): StackFacts => ({
  ...{ major: 17, timeZone: "Etc/UTC", now: noon + 3600_000_000, timeline: 1, runs: [] },
  ...facts,
});

export const toTime = (micros: number): ResolvedWish => ({
  target: { kind: "time", moment: noon + micros },
});

export const minutes = (count: number): number => count * 60_000_000;
