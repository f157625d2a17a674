import { archived } from "../../../../support/fakeWal";
import { full, repository } from "../../../../support/restoreFacts";
import {
  endOfSegment,
  isBefore,
  segmentAt,
  segmentName,
} from "../../../../../scripts/agent/pgBackRest/restore/lsn";
import {
  historyOf,
  leadsAlong,
  parseHistory,
  pathTo,
  timelinesIn,
  usualTimeline,
} from "../../../../../scripts/agent/pgBackRest/restore/timelines";

describe("an LSN", () => {
  it("is in a segment", () => {
    expect([segmentAt("0/5000098"), segmentAt("1/0"), segmentAt("2/FF000000")]).toEqual([
      5, 256, 767,
    ]);
    expect([segmentName(1, 5), segmentName(10, 767)]).toEqual([
      "000000010000000000000005",
      "0000000A00000002000000FF",
    ]);
    expect(endOfSegment("0000000100000000000000FF")).toBe("1/0");
  });

  it("is compared as a number", () => {
    expect([
      isBefore("0/9", "0/10"),
      isBefore("1/0", "0/FFFFFFFF"),
      isBefore("0/1", "0/1"),
    ]).toEqual([...[true, false, false]]);
  });
});

describe("a history", () => {
  // As PostgreSQL writes it, with a comment of its own.
  const text =
    "1\t0/A000098\tbefore 2026-11-29 12:10:01.5+00\n\n2\t0/14000060\tno recovery target specified\n";

  it("lists the timelines on the way, and where each was left", () => {
    expect(parseHistory(3, text)).toEqual([
      { timeline: 1, until: "0/A000098" },
      { timeline: 2, until: "0/14000060" },
      { timeline: 3 },
    ]);
    expect(parseHistory(2, "")).toEqual([{ timeline: 2 }]);
  });

  it.each([
    ["00000002.history", 2],
    ["17-1/0000000A.history", 10],
    ["00000002.history.pgbackrest.tmp", undefined],
    ["0000000100000000/000000010000000000000002.00000028.backup", undefined],
    ["00000001/000000010000000000000002-79a04bcb41b01ac06d8c8c5bbc390231e8c034cc.lz4", undefined],
  ])("%s is that of timeline %s", (path, timeline) => {
    expect(historyOf(path)).toBe(timeline);
  });
});

describe("a path", () => {
  const histories = new Map([[3, parseHistory(3, "1\t0/A000098\tx\n2\t0/14000060\tx\n")]]);

  it("needs a history, except to the first timeline, and to one that has backups of its own", () => {
    const backups = [full(9, 0, 1)];
    expect(pathTo(1, { histories, backups })).toEqual([{ timeline: 1 }]);
    expect(pathTo(3, { histories, backups })).toHaveLength(3);
    expect(pathTo(2, { histories, backups })).toBeUndefined();
    // A repository that was added after a restore never got the history.
    expect(pathTo(2, { histories, backups: [full(9, 0, 2)] })).toEqual([{ timeline: 2 }]);
  });

  it("is followed by backups that ended before it left their timeline", () => {
    const path = histories.get(3) ?? [];
    const leads = (segment: number, timeline: number) =>
      leadsAlong(path, full(segment, 0, timeline));
    // The fork is at 0/A000098, and the backup in segment 10 stops at 0/A000120.
    expect([leads(9, 1), leads(10, 1), leads(11, 1)]).toEqual([true, false, false]);
    expect([leads(11, 2), leads(25, 3), leads(25, 4)]).toEqual([true, true, false]);
    const exactly = { ...full(10, 0), lsn: { start: "0/A000028", stop: "0/A000098" } };
    expect(leadsAlong(path, exactly)).toBe(true);
  });

  it("takes the end of the last segment where pgBackRest does not say the LSN", () => {
    const old = full(9, 0);
    delete old.lsn;
    const [first] = histories.get(3) ?? [];
    expect(leadsAlong([{ timeline: 1, until: "0/A000000" }], old)).toBe(true);
    expect(leadsAlong([{ timeline: 1, until: "0/9FFFFFF" }], old)).toBe(false);
    expect(leadsAlong([first ?? { timeline: 0 }], { lsn: { start: "0/1", stop: "0/2" } })).toBe(
      false,
    );
  });

  it("goes to the primary's timeline, and not to a newer one that strayed into the archive", () => {
    const facts = repository({ histories, segments: [...archived(1, 9), ...archived(10, 12, 2)] });
    expect(timelinesIn(facts)).toEqual([1, 2, 3]);
    expect(usualTimeline(facts, 2)).toBe(2);
    // Without the primary: where WAL arrived last. A higher timeline may have been undone.
    expect(usualTimeline(facts, undefined)).toBe(2);
    const undone = archived(10, 12, 2).map((one) => ({ ...one, at: one.at - 1_000_000_000_000 }));
    const after = repository({ histories, segments: [...undone, ...archived(1, 9)] });
    expect(usualTimeline(after, undefined)).toBe(1);
    // It was promoted a moment ago, and nothing has arrived.
    expect(usualTimeline(facts, 4)).toBe(2);
    expect(usualTimeline(repository({ segments: [] }), undefined)).toBe(1);
  });
});
