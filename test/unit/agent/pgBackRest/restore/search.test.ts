import fc from "fast-check";
import {
  archived,
  commit,
  FakeWal,
  lsn,
  noon,
  noonPlus,
  point,
  running,
  wal,
  without,
} from "../../../../support/fakeWal";
import { full, minutes, repository, stack, toTime } from "../../../../support/restoreFacts";
import { beginIn } from "../../../../../scripts/agent/pgBackRest/restore/begin";
import type {
  RepositoryFacts,
  ResolvedWish,
} from "../../../../../scripts/agent/pgBackRest/restore/facts";
import { firstWhere } from "../../../../../scripts/agent/pgBackRest/restore/firstWhere";
import { lsnOf, segmentName } from "../../../../../scripts/agent/pgBackRest/restore/lsn";
import { search } from "../../../../../scripts/agent/pgBackRest/restore/search";
import { parseHistory } from "../../../../../scripts/agent/pgBackRest/restore/timelines";
import type { WalRecord } from "../../../../../scripts/agent/pgBackRest/restore/waldump";

async function sought(
  wish: ResolvedWish,
  reader: FakeWal,
  facts: RepositoryFacts = repository(),
  timeline = 1,
) {
  const beginning = beginIn(facts, wish, stack({ timeline }));
  if ("refused" in beginning) throw new Error(beginning.refused.sentence);
  return search(beginning, facts, wish, reader);
}

/** Segments 1 to 30: a transaction each half minute, in the middle and at the end of a segment. */
const records = Array.from({ length: 30 }, (_, index) => index + 1).flatMap((segment) => [
  running(lsn(segment, 0x40), 700 + 2 * segment),
  commit(lsn(segment, 0x1000), 700 + 2 * segment, minutes(segment - 1) + 30_000_000),
  commit(lsn(segment, 0x2000), 701 + 2 * segment, minutes(segment)),
]);
const reader = () => new FakeWal(wal([1, records]));
const end = (segment: number, offset: number, xid: number, micros: number) => ({
  ...{ lsn: lsn(segment, offset), timeline: 1, xid, at: noon + micros },
  description: `COMMIT ${noonPlus(micros)}`,
});
const newest: ResolvedWish = { target: { kind: "latest" } };

describe("a time", () => {
  it.each([
    [minutes(15) - 1, end(15, 0x2000, 731, minutes(15))],
    [minutes(15), end(16, 0x1000, 732, minutes(15) + 30_000_000)],
    [minutes(15) + 30_000_000, end(16, 0x2000, 733, minutes(16))],
    [minutes(30) - 1, end(30, 0x2000, 761, minutes(30))],
  ])("of %d µs after noon is before the first transaction after it", async (micros, place) => {
    const wal = reader();
    expect(await sought(toTime(micros), wal)).toEqual({ kind: "found", place });
    expect(new Set(wal.asked).size).toBeLessThan(9);
  });

  it("of the last transaction, or later, is not there", async () => {
    const last = end(30, 0x2000, 761, minutes(30));
    expect(await sought(toTime(minutes(30)), reader())).toEqual({ kind: "absent", last });
    expect(await sought(toTime(minutes(59)), reader())).toEqual({ kind: "absent", last });
  });

  it("behind a missing segment is not reached, and one before it is", async () => {
    const facts = repository({ segments: without(archived(1, 30), 14) });
    expect(await sought(toTime(minutes(20)), reader(), facts)).toEqual({
      kind: "gap",
      missing: segmentName(1, 14),
      last: end(13, 0x2000, 727, minutes(13)),
    });
    expect((await sought(toTime(minutes(13) - 1), reader(), facts)).kind).toBe("found");
  });

  it("is found in little WAL when everything arrived at once", async () => {
    const segments = archived(1, 5000).map((one) => ({ ...one, at: noon + minutes(9000) }));
    const many = Array.from({ length: 5000 }, (_, index) =>
      commit(lsn(index + 1, 0x1000), index + 10, minutes(index + 1)),
    );
    const wal5000 = new FakeWal(wal([1, many]));
    const facts = repository({ segments });
    const late = beginIn(facts, toTime(minutes(1234)), stack({ now: noon + minutes(9000) }));
    if ("refused" in late) throw new Error(late.refused.sentence);
    expect(await search(late, facts, toTime(minutes(1234)), wal5000)).toMatchObject({
      place: { at: noon + minutes(1235) },
    });
    expect(new Set(wal5000.asked).size).toBeLessThan(20);
  });

  it("passes segments without a transaction", async () => {
    const few = new FakeWal(
      wal([1, [records[31], records[85]].filter((one) => one !== undefined)]),
    );
    // Transactions of 12:10:30 in segment 11, and of 12:28:30 in segment 29.
    expect(await sought(toTime(minutes(20)), few)).toMatchObject({
      place: { lsn: lsn(29, 0x1000), at: noon + minutes(28) + 30_000_000 },
    });
    expect(await sought(toTime(minutes(29)), few)).toMatchObject({
      ...{ kind: "absent", last: { lsn: lsn(29, 0x1000) } },
    });
  });

  it("ignores what only looks like a record", async () => {
    const forged = [...records, commit(lsn(30, 0x3000), 999, minutes(600))];
    const wish = toTime(minutes(45));
    const trusting = await sought(wish, new FakeWal(wal([1, forged])));
    expect(trusting).toMatchObject({ kind: "found", place: { xid: 999 } });
    const careful = await sought(wish, new FakeWal(wal([1, forged]), [lsn(30, 0x3000)]));
    expect(careful).toMatchObject({ kind: "absent", last: { xid: 761 } });
  });

  it("is found like by reading everything, wherever the transactions are", async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 90_000_000 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(gaps, fc.nat({ max: 30 }), fc.nat(), async (pauses, each, shift) => {
        const times = pauses.map((_, index) =>
          pauses.slice(0, index + 1).reduce((sum, pause) => sum + pause, minutes(11)),
        );
        const all = times.map((at, index) => {
          const segment = Math.min(30, 11 + Math.floor(index / (each + 1)));
          return commit(lsn(segment, 0x1000 + index * 0x100), 800 + index, at);
        });
        const span = (times.at(-1) ?? 0) - minutes(11) + 1_000_000;
        const wanted = minutes(11) + (shift % span);
        const first = times.findIndex((one) => one > wanted);
        const got = await sought(toTime(wanted), new FakeWal(wal([1, all])));
        if (first < 0) expect(got.kind).toBe("absent");
        else expect(got).toMatchObject({ kind: "found", place: { xid: 800 + first } });
      }),
    );
  });
});

it("halves what is left, around a guess first", async () => {
  const cases = fc.tuple(
    fc.nat({ max: 200 }),
    fc.nat({ max: 200 }),
    fc.integer({ min: -5, max: 205 }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([count, first, guess]) => {
      let looks = 0;
      const got = await firstWhere(count, guess, (index) => {
        looks++;
        expect(index >= 0 && index < count).toBe(true);
        return Promise.resolve(index >= first);
      });
      const right = Math.min(first, count);
      expect(got).toBe(right);
      if (Math.abs(guess - right) <= 1) expect(looks).toBeLessThan(6);
      expect(looks).toBeLessThan(12);
    }),
  );
});

describe("the newest state", () => {
  it("is the last transaction", async () => {
    const last = end(30, 0x2000, 761, minutes(30));
    expect(await sought(newest, reader())).toEqual({ kind: "absent", last });
    expect(await sought(newest, new FakeWal(new Map()))).toEqual({ kind: "absent" });
  });

  it("is a transaction before the newest backup where none came after it", async () => {
    const early = records.filter(({ lsn: at }) => lsnOf(at) < lsnOf(lsn(9, 0)));
    expect(await sought(newest, new FakeWal(wal([1, early])))).toEqual({
      ...{ kind: "absent", last: end(8, 0x2000, 717, minutes(8)) },
    });
  });

  it("ends at a gap", async () => {
    const facts = repository({ segments: without(archived(1, 30), 14) });
    expect(await sought(newest, reader(), facts)).toMatchObject({
      ...{ kind: "gap", missing: segmentName(1, 14), last: { xid: 727 } },
    });
  });
});

describe("an LSN", () => {
  const at = (place: string): ResolvedWish => ({ target: { kind: "lsn", lsn: place } });

  it("is there where a record begins at it or after it", async () => {
    const place = { lsn: lsn(30, 0x2000), timeline: 1 };
    expect(await sought(at(place.lsn), reader())).toEqual({ kind: "found", place });
    expect((await sought(at(lsn(20, 0xffffff)), reader())).kind).toBe("found");
    const last = end(30, 0x2000, 761, minutes(30));
    expect(await sought(at(lsn(30, 0x2001)), reader())).toEqual({ kind: "absent", last });
    expect(await sought(at(lsn(31, 0)), reader())).toEqual({ kind: "absent", last });
  });
});

describe("a transaction", () => {
  const wish = (xid: number): ResolvedWish => ({ target: { kind: "xid", xid } });

  it("is found by the numbers that checkpoints note", async () => {
    const fake = reader();
    expect(await sought(wish(733), fake)).toEqual({
      ...{ kind: "found", place: end(16, 0x2000, 733, minutes(16)) },
    });
    expect(new Set(fake.asked).size).toBeLessThan(12);
    expect(await sought(wish(704), reader())).toMatchObject({ place: { lsn: lsn(2, 0x1000) } });
  });

  it("is found where it ended long after others", async () => {
    const long = records.map((one) =>
      one.xid === 733 ? commit(lsn(25, 0x3000), 733, minutes(26)) : one,
    );
    const open = long.map((one) =>
      one.group === "Standby" ? running(one.lsn, nextOf(one), Math.min(nextOf(one), 733)) : one,
    );
    expect(await sought(wish(733), new FakeWal(wal([1, open])))).toMatchObject({
      ...{ kind: "found", place: { lsn: lsn(25, 0x3000) } },
    });
  });

  it("that never was is known when all others before it have ended", async () => {
    const missing = new FakeWal(wal([1, records.filter(({ xid }) => xid !== 733)]));
    expect(await sought(wish(733), missing)).toEqual({ kind: "absent" });
    expect(new Set(missing.asked).size).toBeLessThan(16);
    expect(await sought(wish(5000), reader())).toEqual({ kind: "absent" });
    // It was over when the first backup began.
    expect(await sought(wish(703), reader())).toEqual({ kind: "earlier" });
  });

  it("is found where the numbers begin again", async () => {
    const top = 2 ** 32;
    const round = (xid: number) => (top - 730 + xid) % top;
    const wrapped = records.map((one) =>
      one.group === "Standby"
        ? running(one.lsn, round(nextOf(one)))
        : { ...one, xid: round(one.xid) },
    );
    expect(await sought(wish(round(733)), new FakeWal(wal([1, wrapped])))).toMatchObject({
      ...{ kind: "found", place: { lsn: lsn(16, 0x2000), xid: 3 } },
    });
  });
});

describe("a restore point", () => {
  const wish: ResolvedWish = { target: { kind: "name", name: "before release" } };
  const named = (...points: WalRecord[]) => new FakeWal(wal([1, [...records, ...points]]));

  it("is found by its whole name, on either side of a gap", async () => {
    const one = point(lsn(5, 0x3000), "before release");
    const facts = repository({ segments: without(archived(1, 30), 14) });
    expect(await sought(wish, named(one, point(lsn(8, 0), "before")), facts)).toEqual({
      kind: "found",
      place: { lsn: lsn(5, 0x3000), timeline: 1, description: "RESTORE_POINT before release" },
    });
    expect(await sought(wish, named(point(lsn(8, 0), "before release 2")))).toEqual({
      kind: "absent",
    });
  });

  it("of a name that was given twice is the first one behind the backup", async () => {
    const points = [3, 5, 12, 20].map((segment) => point(lsn(segment, 0x3000), "before release"));
    // Recovery to the one in segment 20 begins with the backup in segment 10, and stops in 12.
    expect(await sought(wish, named(...points))).toMatchObject({ place: { lsn: lsn(12, 0x3000) } });
    // Recovery to the one in segment 5 begins with the backup in segment 2.
    expect(await sought(wish, named(...points.slice(0, 2)))).toMatchObject({
      place: { lsn: lsn(3, 0x3000) },
    });
  });
});

describe("after a restore", () => {
  // Timeline 1 was left in segment 12, at 12:11:45, and written on until 12:16. Timeline 2 begins at 12:20.
  const fork = lsn(12, 0x1800);
  const histories = new Map([[2, parseHistory(2, `1\t${fork}\tx\n`)]]);
  const left = records.slice(0, 16 * 3);
  const copied = left.filter((one) => one.lsn === lsn(12, 0x1000) || one.lsn === lsn(12, 0x40));
  const second = [
    ...copied,
    commit(lsn(12, 0x4000), 725, minutes(20)),
    commit(lsn(13, 0x1000), 726, minutes(22)),
  ];
  const both = () => new FakeWal(wal([1, left], [2, second]));
  const facts = repository({
    ...{ histories, backups: [full(2, 2)] },
    segments: [...archived(1, 16), ...archived(12, 13, 2)],
  });

  it("a time when the other timeline was written has two truths", async () => {
    expect(await sought(toTime(minutes(14)), both(), facts, 2)).toEqual({
      ...{ kind: "undone", fork: { from: 1, at: noon + minutes(11) + 30_000_000 } },
    });
    // Nothing had been written yet.
    expect(await sought(toTime(minutes(12) - 1), both(), facts, 2)).toMatchObject({
      ...{ kind: "found", place: { lsn: lsn(12, 0x4000), timeline: 2 } },
    });
    expect(await sought(toTime(minutes(21)), both(), facts, 2)).toMatchObject({
      ...{ kind: "found", place: { xid: 726 } },
    });
  });

  it("a timeline that is asked for decides", async () => {
    const old = await sought({ ...toTime(minutes(14)), timeline: 1 }, both(), facts, 2);
    expect(old).toMatchObject({ kind: "found", place: { lsn: lsn(15, 0x1000), timeline: 1 } });
    const young = await sought({ ...toTime(minutes(14)), timeline: 2 }, both(), facts, 2);
    expect(young).toMatchObject({ kind: "found", place: { lsn: lsn(12, 0x4000) } });
  });

  it("it is the same before the new timeline has a transaction", async () => {
    const quiet = new FakeWal(wal([1, left], [2, copied]));
    expect((await sought(toTime(minutes(14)), quiet, facts, 2)).kind).toBe("undone");
  });
});

const nextOf = ({ description }: WalRecord) => Number(/nextXid (\d+)/.exec(description)?.[1]);
