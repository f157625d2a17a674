import { archived, lsn, noon, without } from "../../../../support/fakeWal";
import { full, minutes, repository, stack, toTime } from "../../../../support/restoreFacts";
import type { RestorePlan } from "../../../../../contract/restorePlan";
import { beginIn } from "../../../../../scripts/agent/pgBackRest/restore/begin";
import type {
  RepositoryFacts,
  ResolvedWish,
  Sought,
  StackFacts,
} from "../../../../../scripts/agent/pgBackRest/restore/facts";
import { segmentName } from "../../../../../scripts/agent/pgBackRest/restore/lsn";
import { planIn } from "../../../../../scripts/agent/pgBackRest/restore/plan";
import { parseHistory } from "../../../../../scripts/agent/pgBackRest/restore/timelines";

function plan(
  wish: ResolvedWish,
  sought: Sought = { kind: "absent" },
  facts: RepositoryFacts = repository(),
  around: StackFacts = stack(),
) {
  const beginning = beginIn(facts, wish, around);
  return "refused" in beginning ? beginning : planIn(beginning, facts, wish, around, sought);
}

/** Where a recovery stops: so far into a segment, so many minutes after noon. */
const found = (segment: number, offset: number, minute?: number, timeline = 1): Sought => ({
  kind: "found",
  place: {
    ...{ lsn: lsn(segment, offset), timeline },
    ...(minute === undefined ? {} : { at: noon + minutes(minute) }),
  },
});
const last = { lsn: lsn(30, 0x500), timeline: 1, at: noon + minutes(30) };
const refused = (code: string, sentence: string) => ({
  refused: { code, sentence, repository: 1 },
});
const words = (result: ReturnType<typeof plan>) =>
  "refused" in result ? result.refused.sentence : result.arguments.join(" ");
const early = full(2, 2).label;
const late = full(10, 10).label;
const newest: ResolvedWish = { target: { kind: "latest" } };
const xid: ResolvedWish = { target: { kind: "xid", xid: 742 } };
const at = (segment: number, offset: number): ResolvedWish => ({
  target: { kind: "lsn", lsn: lsn(segment, offset) },
});

describe("a plan", () => {
  it("to a time has the newest backup before it, and the WAL up to the first transaction after it", () => {
    const expected: RestorePlan = {
      target: {
        ...{ kind: "time", value: "2026-11-29T12:15:00.000001Z" },
        words: "2026-11-29 13:15:00.000001+01:00 (2026-11-29 12:15:00.000001 UTC)",
      },
      repository: { number: 1, location: "volume repositories" },
      set: {
        ...{ label: "20261129-121000F", type: "full", endedAt: "2026-11-29T12:10:00.000Z" },
        ended: "2026-11-29 13:10:00+01:00 (2026-11-29 12:10:00 UTC)",
        ...{ bytes: 1_000_000_000, standsOn: [] },
      },
      timeline: 1,
      through: [1],
      wal: {
        ...{ from: segmentName(1, 10), to: segmentName(1, 15), segments: 6 },
        bytes: 6 * 1000 + 10 + 11 + 12 + 13 + 14 + 15,
        maxSize: 1024,
      },
      arguments: [
        ...["restore", "--repo=1", "--set=20261129-121000F", "--type=time"],
        ...["--target=2026-11-29 12:15:00.000001+00", "--target-action=promote"],
        ...["--target-timeline=1", "--archive-mode=off"],
      ],
      notes: [],
    };
    const around = stack({ timeZone: "Europe/Berlin", maxWal: 1024 });
    const got = plan(toTime(minutes(15) + 1), found(15, 0x100, 16), repository(), around);
    expect(got).toEqual(expected);
  });

  it.each<[string, ResolvedWish, Sought, string]>([
    ["everything", newest, { kind: "absent", last }, "--type=default --target-timeline=1"],
    [
      "the end of a backup",
      { target: { kind: "immediate" } },
      { kind: "absent" },
      "--type=immediate --target-action=promote --recovery-option=recovery_target_timeline=1",
    ],
    [
      "an xid",
      xid,
      found(12, 1),
      "--type=xid --target=742 --target-action=promote --target-timeline=1",
    ],
    [
      "an LSN",
      at(12, 0x98),
      found(12, 0x98),
      "--type=lsn --target=0/C000098 --target-action=promote --target-timeline=1",
    ],
    [
      "a restore point",
      { target: { kind: "name", name: "before release" } },
      found(12, 1),
      "--type=name --target=before release --target-action=promote --target-timeline=1",
    ],
  ])("to %s names repository, backup and target", (_name, wish, sought, rest) => {
    expect(words(plan(wish, sought))).toBe(
      `restore --repo=1 --set=${late} ${rest} --archive-mode=off`,
    );
  });

  it("with PostgreSQL 13 names an LSN as a setting, which that pgBackRest has no type for", () => {
    const old = stack({ major: 13 });
    expect(words(plan(at(12, 0x98), found(12, 0x98), repository(), old))).toBe(
      `restore --repo=1 --set=${late} --type=default --target-timeline=1 ` +
        "--recovery-option=recovery_target_lsn=0/C000098 --recovery-option=recovery_target_action=promote " +
        "--archive-mode=off",
    );
  });

  it("in place leaves the archive on", () => {
    const got = plan({ ...newest, inPlace: true }, { kind: "absent", last });
    expect(words(got)).toBe(`restore --repo=1 --set=${late} --type=default --target-timeline=1`);
  });

  it("reads WAL to the end of the archive, of the backup, or to the place", () => {
    const wal = (wish: ResolvedWish, sought: Sought) => {
      const got = plan(wish, sought);
      return "refused" in got ? got.refused.code : [got.wal.from, got.wal.to, got.wal.segments];
    };
    const from = segmentName(1, 10);
    expect(wal(newest, { kind: "absent", last })).toEqual([from, segmentName(1, 30), 21]);
    expect(wal({ target: { kind: "immediate" } }, { kind: "absent" })).toEqual([from, from, 1]);
    expect(wal(xid, found(12, 1))).toEqual([from, segmentName(1, 12), 3]);
    expect(wal(at(10, 0x120), found(10, 0x120))).toEqual([from, from, 1]);
  });

  it("says what it reaches", () => {
    const reaches = (wish: ResolvedWish, sought: Sought) => {
      const got = plan(wish, sought);
      return "refused" in got ? got.refused.code : got.reaches;
    };
    const words = "2026-11-29 12:30:00 UTC";
    const there = { lsn: "0/1E000500", at: "2026-11-29T12:30:00Z", words };
    expect(reaches(newest, { kind: "absent", last })).toEqual(there);
    expect(reaches(newest, { kind: "absent" })).toBeUndefined();
    expect(reaches(xid, { kind: "found", place: last })).toEqual(there);
    expect(reaches({ target: { kind: "immediate" } }, { kind: "absent", last })).toBeUndefined();
  });

  it("shows both numbers of a transaction with an epoch, and gives pgBackRest the one of the WAL", () => {
    const wish: ResolvedWish = { target: { kind: "xid", xid: 742, full: "4294968038" } };
    const got = plan(wish, found(12, 1));
    if ("refused" in got) throw new Error(got.refused.sentence);
    expect(got.target).toEqual({ kind: "xid", value: "742", words: "4294968038 (742 in the WAL)" });
    expect(words(got)).toContain("--type=xid --target=742 ");
  });

  it("takes the backup that --set names, although a newer one fits", () => {
    const got = plan({ ...toTime(minutes(15)), set: early }, found(15, 1, 16));
    expect(words(got)).toContain(`--set=${early} `);
    expect("refused" in got || got.wal.segments).toBe(14);
  });

  it("takes an older backup where the place, or the time, is before the newer one", () => {
    // It ended in the second that began at 12:10.
    expect(words(plan(toTime(minutes(10) + 999_999), found(11, 1, 11)))).toContain(
      `--set=${early} `,
    );
    expect(words(plan(toTime(minutes(10) + 1_000_000), found(11, 1, 11)))).toContain(
      `--set=${late} `,
    );
    expect(words(plan(at(10, 0x119), found(10, 0x119)))).toContain(`--set=${early} `);
    expect(words(plan(at(10, 0x120), found(10, 0x120)))).toContain(`--set=${late} `);
    expect(words(plan(xid, found(9, 1)))).toContain(`--set=${early} `);
  });

  it("takes the backup before one that is damaged, and says so where there is no other", () => {
    const wish = toTime(minutes(15));
    const damaged = repository({ invalid: [late] });
    expect(words(plan(wish, found(15, 1, 16), damaged))).toContain(`--set=${early} `);
    const pages = repository({ backups: [full(2, 2), { ...full(10, 10), pageErrors: true }] });
    expect(words(plan(wish, found(15, 1, 16), pages))).toContain(`--set=${early} `);
    const both = repository({ backups: [{ ...full(10, 10), pageErrors: true }], invalid: [late] });
    const got = plan(wish, found(15, 1, 16), both);
    expect("refused" in got ? got.refused.code : got.notes).toEqual([
      `The backup ${late} holds pages whose checksum is wrong.`,
      `The last verify calls the backup ${late} invalid, and there is no better one.`,
    ]);
  });

  it("names the backups that an incr stands on", () => {
    const [one, two] = [full(2, 2), full(10, 10)];
    const diff = {
      ...two,
      label: `${one.label}_20261129-121000D`,
      type: "diff" as const,
      prior: one.label,
    };
    const incr = {
      ...full(12, 12),
      label: `${one.label}_20261129-121200I`,
      type: "incr" as const,
      prior: diff.label,
    };
    const got = plan(newest, { kind: "absent", last }, repository({ backups: [one, diff, incr] }));
    expect("refused" in got ? got.refused.code : got.set.standsOn).toEqual([one.label, diff.label]);
  });
});

describe("a target that cannot be reached is refused", () => {
  it.each<[string, ResolvedWish, Sought, RepositoryFacts, [string, string]]>([
    [
      "without a backup",
      newest,
      { kind: "absent" },
      repository({ backups: [] }),
      ["no-backup", "Repository 1 has no backup: `npm run laterbase -- backup full` makes one."],
    ],
    [
      "before the oldest backup",
      toTime(minutes(2)),
      { kind: "absent" },
      repository(),
      [
        "before-oldest",
        "2026-11-29 12:02:00 UTC is before the end of the oldest backup that could lead there: 20261129-120200F in " +
          "repository 1 ended at 2026-11-29 12:02:00 UTC.",
      ],
    ],
    [
      "at an LSN before the oldest backup",
      at(2, 0x119),
      { kind: "absent" },
      repository(),
      [
        "before-oldest",
        "The LSN 0/2000119 is before the end of the oldest backup that could lead there: 20261129-120200F in " +
          "repository 1 ended at 2026-11-29 12:02:00 UTC, at the LSN 0/2000120.",
      ],
    ],
    [
      "at a transaction before the oldest backup",
      xid,
      found(1, 1),
      repository(),
      [
        "before-oldest",
        "Transaction 742 is before the end of the oldest backup that could lead there: 20261129-120200F in " +
          "repository 1 ended at 2026-11-29 12:02:00 UTC.",
      ],
    ],
    [
      "at a transaction with an epoch before the oldest backup",
      { target: { kind: "xid", xid: 742, full: "4294968038" } },
      found(1, 1),
      repository(),
      [
        "before-oldest",
        "Transaction 4294968038 (742 in the WAL) is before the end of the oldest backup that could lead there: " +
          "20261129-120200F in repository 1 ended at 2026-11-29 12:02:00 UTC.",
      ],
    ],
    [
      "at a transaction before all WAL that was read",
      xid,
      { kind: "earlier" },
      repository(),
      [
        "before-oldest",
        "Transaction 742 is before the end of the oldest backup that could lead there: 20261129-120200F in " +
          "repository 1 ended at 2026-11-29 12:02:00 UTC.",
      ],
    ],
    [
      "after the last transaction",
      toTime(minutes(31)),
      { kind: "absent", last },
      repository(),
      [
        "after-last",
        "2026-11-29 12:31:00 UTC is not before the last transaction that is archived in repository 1, 0/1E000500 of " +
          "2026-11-29 12:30:00 UTC: leave --to-time away to get everything that is archived, or run " +
          "`npm run laterbase -- check`, which archives what the primary has written since.",
      ],
    ],
    [
      "at an LSN beyond the end",
      at(40, 0),
      { kind: "absent" },
      repository(),
      [
        "after-last",
        "The LSN 0/28000000 is not before what is archived in repository 1: leave --to-lsn away to get everything " +
          "that is archived, or run `npm run laterbase -- check`, which archives what the primary has written since.",
      ],
    ],
    [
      "for a transaction that never was",
      xid,
      { kind: "absent" },
      repository(),
      [
        "never-was",
        "Transaction 742 is not in the WAL of timeline 1 in repository 1: it never was, wrote nothing, or has not " +
          "ended there.",
      ],
    ],
    [
      "for a restore point that never was",
      { target: { kind: "name", name: "nobody made it" } },
      { kind: "absent" },
      repository(),
      [
        "never-was",
        'The restore point "nobody made it" is not in the WAL of timeline 1 in repository 1.',
      ],
    ],
    [
      "with too much WAL to look through",
      xid,
      { kind: "not-read" },
      repository(),
      [
        "not-found",
        "Transaction 742 was not found in the newest WAL of repository 1, and there is more than can be read: " +
          "name a backup before it with --set.",
      ],
    ],
    [
      "with a backup that is not there",
      { ...newest, set: "20251231-000000F" },
      { kind: "absent" },
      repository(),
      [
        "unknown-set",
        "Repository 1 has no backup 20251231-000000F: `npm run laterbase -- list-backups` shows them.",
      ],
    ],
    [
      "with a backup after the time",
      { ...toTime(minutes(5)), set: late },
      { kind: "absent" },
      repository(),
      [
        "set-newer",
        "The backup 20261129-121000F is newer than the target: it ended at 2026-11-29 12:10:00 UTC. " +
          "Without --set, the newest one before the target is taken.",
      ],
    ],
    [
      "with a backup after the restore point",
      { target: { kind: "name", name: "x" }, set: late },
      found(9, 1),
      repository(),
      [
        "set-newer",
        "The backup 20261129-121000F is newer than the target: it ended at 2026-11-29 12:10:00 UTC. " +
          "Without --set, the newest one before the target is taken.",
      ],
    ],
    [
      "where WAL is missing before a time",
      toTime(minutes(20)),
      { kind: "gap", missing: segmentName(1, 14), last: { ...last, at: noon + minutes(13) } },
      repository({ segments: without(archived(1, 30), 14) }),
      [
        "gap",
        "The WAL segment 00000001000000000000000E is missing in repository 1: 2026-11-29 12:20:00 UTC is not before " +
          "it. The last transaction before it is of 2026-11-29 12:13:00 UTC: a --to-time before that can be reached.",
      ],
    ],
    [
      "where WAL is missing before the newest",
      newest,
      { kind: "absent", last: { ...last, at: noon + minutes(13) } },
      repository({ segments: without(archived(1, 30), 14) }),
      [
        "gap",
        "The WAL segment 00000001000000000000000E is missing in repository 1: a restore would end there, without " +
          "what was written later. The last transaction before it is of 2026-11-29 12:13:00 UTC: a --to-time before " +
          "that can be reached.",
      ],
    ],
    [
      "where WAL is missing and no transaction is before it",
      newest,
      { kind: "gap", missing: segmentName(1, 11) },
      repository({ segments: without(archived(1, 30), 11) }),
      [
        "gap",
        "The WAL segment 00000001000000000000000B is missing in repository 1: a restore would end there, without " +
          "what was written later. `--set 20261129-121000F --immediate` gets the end of the backup before it.",
      ],
    ],
    [
      "where WAL of the backup itself is missing",
      { target: { kind: "immediate" } },
      { kind: "absent" },
      repository({ segments: without(archived(1, 30), 10) }),
      [
        "gap",
        "The WAL segment 00000001000000000000000A is missing in repository 1: the end of a backup is not before it. " +
          "`--set 20261129-120200F --immediate` gets the end of the backup before it.",
      ],
    ],
    [
      "on a timeline whose history is not there",
      { ...newest, timeline: 4 },
      { kind: "absent" },
      repository(),
      ["lost-timeline", "Timeline 4 is lost: repository 1 does not have its history. It knows 1."],
    ],
  ])("%s", (_name, wish, sought, facts, [code, sentence]) => {
    expect(plan(wish, sought, facts)).toEqual(refused(code, sentence));
  });

  it("but not where the gap is after the target, or before the backup", () => {
    const gaps = repository({ segments: without(archived(1, 30), 5, 20) });
    expect(words(plan(toTime(minutes(15)), found(15, 1, 16), gaps))).toContain(`--set=${late} `);
    const before = plan({ ...toTime(minutes(15)), set: early }, found(15, 1, 16), gaps);
    expect("refused" in before && before.refused.code).toBe("gap");
  });

  it("unless --set says where to begin with what could not be looked for", () => {
    const got = plan({ ...xid, set: early }, { kind: "not-read" });
    expect("refused" in got ? got.refused.code : got.notes).toEqual([
      "Whether transaction 742 is in the WAL shows when it is replayed.",
    ]);
    expect(words(got)).toContain(`--set=${early} --type=xid --target=742`);
  });
});

describe("after an earlier restore", () => {
  // Restored to the middle of segment 12, and once more to that of segment 20.
  const histories = new Map([
    [2, parseHistory(2, "1\t0/C000100\tbefore 2026-11-29 12:12:30+00\n")],
    [3, parseHistory(3, "1\t0/C000100\tx\n2\t0/14000100\tx\n")],
  ]);
  const segments = [...archived(1, 16), ...archived(12, 24, 2), ...archived(20, 30, 3)];
  const backups = [full(2, 2), full(14, 14), full(15, 35, 2), full(25, 55, 3)];
  const facts = repository({ histories, segments, backups });
  const around = stack({ timeline: 3 });
  const label = (index: number) => backups[index]?.label ?? "";

  it("goes along the primary's timeline", () => {
    const got = plan(newest, { kind: "absent" }, facts, around);
    expect(words(got)).toContain(`--set=${label(3)} --type=default --target-timeline=3 `);
    expect("refused" in got ? got.refused.code : got.through).toEqual([3]);
  });

  it("begins on an older one, and never with a backup that was undone", () => {
    const got = plan({ ...at(13, 0), timeline: 3 }, found(13, 0, undefined, 2), facts, around);
    expect(words(got)).toContain(`--set=${label(0)} --type=lsn --target=0/D000000`);
    expect("refused" in got ? got.refused.code : [got.through, got.wal]).toEqual([
      [1, 2, 3],
      { from: segmentName(1, 2), to: segmentName(2, 13), segments: 12, bytes: 12_090 },
    ]);
  });

  it("gets what was undone by its timeline", () => {
    const got = plan({ ...newest, timeline: 1 }, { kind: "absent" }, facts, around);
    expect(words(got)).toContain(`--set=${label(1)} --type=default --target-timeline=1 `);
    expect("refused" in got ? got.refused.code : got.notes).toEqual([
      "The primary is on timeline 3, and this goes along timeline 1.",
    ]);
  });

  it("refuses a time of which there are two truths, and names both", () => {
    const sought: Sought = { kind: "undone", fork: { from: 1, at: noon + minutes(12) } };
    expect(plan(toTime(minutes(14)), sought, facts, around)).toEqual(
      refused(
        "undone",
        "A restore undid what was written after 2026-11-29 12:12:00 UTC on timeline 1, and 2026-11-29 12:14:00 UTC " +
          "is in that time: add --timeline 1 to get it back, or --timeline 3 for the state that stayed.",
      ),
    );
  });

  it("refuses a backup that does not lead to the timeline, and a timeline that no backup leads to", () => {
    expect(plan({ ...newest, set: label(1) }, { kind: "absent" }, facts, around)).toEqual(
      refused(
        "set-timeline",
        `The backup ${label(1)} is on timeline 1 and does not lead to timeline 3: add --timeline 1, or choose ` +
          "another --set.",
      ),
    );
    const young = repository({ ...facts, backups: backups.slice(3) });
    expect(plan({ ...newest, timeline: 2 }, { kind: "absent" }, young, around)).toEqual(
      refused(
        "lost-timeline",
        "Timeline 2 is lost: no backup of repository 1 leads to it; each of them ended on another timeline, or after " +
          "this one had left it.",
      ),
    );
  });
});
