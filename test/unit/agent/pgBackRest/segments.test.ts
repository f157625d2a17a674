import { segmentOf } from "../../../../scripts/agent/pgBackRest/archive";
import { archiveRetention } from "../../../../scripts/agent/pgBackRest/expire";
import { openGaps } from "../../../../scripts/agent/pgBackRest/gaps";
import {
  anchorOf,
  gapsOf,
  gapsThatMatter,
  missingIn,
  nextSegment,
  withEnds,
} from "../../../../scripts/agent/pgBackRest/segments";

const seg = (number: number, timeline = 1) => {
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
  return hex(timeline) + hex(Math.floor(number / 256)) + hex(number % 256);
};
const range = (from: number, to: number, timeline = 1) =>
  Array.from({ length: to - from + 1 }, (_, index) => seg(from + index, timeline));
const backup = (day: number, start: number, stop = start + 1) => ({
  type: "full" as const,
  endedAt: new Date(Date.UTC(2026, 10, day)).toISOString(),
  wal: { start: seg(start), stop: seg(stop) },
});
const now = new Date(Date.UTC(2026, 10, 30));

it("counts from one log file to the next", () => {
  expect(nextSegment("0000000100000000000000FF")).toBe("000000010000000100000000");
  expect(nextSegment("00000001000000000000000A")).toBe("00000001000000000000000B");
});

describe("gaps", () => {
  it("are what is missing between segments, in any order of the list", () => {
    const there = [...range(258, 260), ...range(250, 255)].reverse();
    expect(gapsOf(there)).toEqual([{ after: seg(255), before: seg(258), segments: 2 }]);
    expect(gapsOf(range(1, 600))).toEqual([]);
    expect(gapsOf([])).toEqual([]);
  });

  it("lack the segments between their ends", () => {
    expect(missingIn({ after: seg(254), before: seg(258), segments: 3 })).toEqual(range(255, 257));
    expect(missingIn({ after: seg(1), before: seg(99_999), segments: 99_997 })).toHaveLength(
      10_000,
    );
  });

  it("are none where a timeline leaves another one", () => {
    expect(gapsOf([...range(1, 9), ...range(6, 12, 2)])).toEqual([]);
    expect(gapsOf([...range(1, 9), ...range(10, 12, 2)])).toEqual([]);
    expect(gapsOf([...range(1, 9), ...range(12, 14, 2)])).toEqual([
      { after: seg(9), before: seg(12, 2), segments: 2 },
    ]);
  });

  it("matter inside a backup, and from the oldest backup on", () => {
    const inside = { after: seg(10), before: seg(12), segments: 1 };
    const before = { after: seg(3), before: seg(6), segments: 2 };
    const after = { after: seg(40), before: seg(42), segments: 1 };
    const all = [before, inside, after];
    expect(gapsThatMatter(all, [backup(1, 10, 12)], undefined, now)).toEqual([inside, after]);
    expect(gapsThatMatter(all, [], undefined, now)).toEqual([]);
  });

  it("are also what a backup itself lacks, where nothing older or newer is there", () => {
    const backups = [backup(1, 10, 12), backup(2, 20, 21)];
    const lacking = (there: string[]) =>
      gapsThatMatter(gapsOf(withEnds(there, backups)), backups, undefined, now);
    expect(lacking(range(10, 21))).toEqual([]);
    expect(lacking(range(8, 30))).toEqual([]);
    expect(lacking(range(12, 21))).toEqual([{ after: seg(9), before: seg(12), segments: 2 }]);
    expect(lacking(range(10, 20))).toEqual([{ after: seg(20), before: seg(22), segments: 1 }]);
    // Everything was deleted, and what the primary has written since is there.
    expect(lacking([])).toEqual([{ after: seg(9), before: seg(22), segments: 12 }]);
    expect(lacking([seg(40)])).toEqual([{ after: seg(9), before: seg(40), segments: 30 }]);
    expect(lacking([...range(10, 21), seg(25)])).toEqual([
      { after: seg(21), before: seg(25), segments: 3 },
    ]);
    expect(withEnds([], [])).toEqual([]);
    // The first segment of all has none before it.
    expect(withEnds(range(0, 2), [backup(1, 0)])).toEqual([...range(0, 2), seg(0)]);
  });

  it("do not matter between backups that are older than the days of WAL", () => {
    const backups = [backup(1, 10), backup(10, 100), backup(20, 200), backup(28, 280)];
    const old = { after: seg(11), before: seg(100), segments: 88 };
    const kept = { after: seg(230), before: seg(232), segments: 1 };
    // A restore to day 23 begins with the backup of day 20.
    expect(gapsThatMatter([old, kept], backups, 7, now)).toEqual([kept]);
    expect(gapsThatMatter([old, kept], backups, undefined, now)).toEqual([old, kept]);
  });

  it("are open until a full backup begins after them", () => {
    const gap = { after: seg(40), before: seg(42), segments: 1 };
    const incr = { ...backup(2, 50), type: "incr" as const };
    expect(openGaps([gap], [backup(1, 10), incr])).toEqual([gap]);
    expect(openGaps([gap], [backup(1, 10), backup(3, 42)])).toEqual([]);
    expect(openGaps([gap], [backup(1, 41)])).toEqual([gap]);
  });
});

describe("days of WAL", () => {
  const backups = [backup(1, 10), backup(10, 100), backup(20, 200), backup(28, 280)];

  it("keep all WAL since the newest backup that is as old", () => {
    expect(anchorOf(backups, 7, now)).toBe(2);
    expect(archiveRetention(backups, 7, now)).toBe(2);
    expect(archiveRetention(backups, 1, now)).toBe(1);
    expect(archiveRetention(backups, 15, now)).toBe(3);
  });

  it("remove nothing where every backup is younger, or no days are set", () => {
    expect(archiveRetention(backups, 60, now)).toBeUndefined();
    expect(archiveRetention(backups, undefined, now)).toBeUndefined();
    expect(archiveRetention([], 7, now)).toBeUndefined();
  });
});

it.each([
  ["17-1/0000000100000000/000000010000000000000003-5f1c0a.lz4", "000000010000000000000003"],
  ["000000010000000000000003-5f1c0a", "000000010000000000000003"],
  ["17-1/00000002.history", undefined],
  ["17-1/0000000100000000/000000010000000000000003-5f1c.lz4.1a2b.pgbackrest.tmp", undefined],
  ["17-1/0000000100000000/000000010000000000000003.partial-5f1c.lz4", undefined],
  ["archive.info", undefined],
])("%s is the segment %s", (path, segment) => {
  expect(segmentOf(path)).toBe(segment);
});
