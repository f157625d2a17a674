import type { RepositoryOverview } from "../../../../contract/agentOverview";
import { Lag } from "../../../../scripts/agent/health/collect/lag";
import { Marks, positionOf } from "../../../../scripts/agent/health/collect/marks";
import { Unarchived } from "../../../../scripts/agent/health/collect/unarchived";
import { Streams } from "../../../../scripts/agent/health/collect/streams";

const noon = "2026-11-29T12:00:00.000Z";
const beat = (number: number, at = "2026-11-29T11:00:00.000Z") => ({ beat: BigInt(number), at });

describe("lag by the heartbeat", () => {
  const lag = new Lag();
  // A look each ten seconds; the primary was written to in each.
  for (let look = 0; look < 10; look++) lag.note({ beat: beat(100 + look) }, look * 10_000);

  it.each([
    ["has the last beat", 109, 90_000, 0],
    ["lacks one beat, for a second", 108, 91_000, 1],
    ["lacks the beats of half a minute", 105, 90_000, 30],
  ])("of a standby that %s", (_, replayed, now, seconds) => {
    expect(lag.of({ beat: beat(replayed) }, now, noon)).toBe(seconds);
  });

  it("of one that lacks what was written before the monitor started goes by the beat that it has", () => {
    expect(lag.of({ beat: beat(50) }, 90_000, noon)).toBe(3600);
    expect(lag.of({ beat: beat(50) }, 90_000, undefined)).toBe(90);
  });

  it("does not grow while nothing is written", () => {
    expect(lag.of({ beat: beat(109) }, 3_600_000, noon)).toBe(0);
  });
});

describe("lag by positions, where nothing is written", () => {
  const lag = new Lag();
  lag.note({ lsn: "1/FFFFFFF0" }, 0);
  lag.note({ lsn: "2/10" }, 10_000);
  lag.note({ lsn: "2/20" }, 20_000);

  it.each([
    ["2/20", 30_000, 0],
    ["2/11", 30_000, 10],
    ["1/FFFFFFF1", 30_000, 20],
  ])("at %s", (lsn, now, seconds) => {
    // The last transaction is an hour old in each, because it was the last one.
    expect(lag.of({ lsn, at: "2026-11-29T11:00:00Z" }, now, noon)).toBe(seconds);
  });

  it("goes by the last transaction where the standby is behind all that was seen", () => {
    expect(lag.of({ lsn: "1/0", at: "2026-11-29T11:59:00Z" }, 30_000, noon)).toBe(60);
    expect(lag.of({ lsn: "1/0" }, 30_000, noon)).toBe(30);
  });

  it("cannot be told of a server that has replayed nothing", () => {
    expect(lag.of({}, 30_000, noon)).toBeNull();
  });
});

it("begins anew when the primary was set back", () => {
  const marks = new Marks();
  marks.add(10n, 0);
  marks.add(5n, 1000);
  expect(marks.firstBeyond(4n)).toEqual({ at: 1000, earlier: true });
  expect(marks.firstBeyond(5n)).toBeUndefined();
});

it("stays small, and forgets neither the first nor the last marks", () => {
  const marks = new Marks();
  for (let number = 0; number < 100_000; number++) marks.add(BigInt(number), number);
  expect(marks.firstBeyond(-1n)).toEqual({ at: 0, earlier: true });
  expect(marks.firstBeyond(99_998n)).toEqual({ at: 99_999, earlier: false });
  expect((marks as unknown as { marks: unknown[] }).marks.length).toBeLessThanOrEqual(2048);
});

it("reads positions in the WAL", () => {
  expect(positionOf("1/2AF00D0")).toBe(0x1_02af_00d0n);
  expect(positionOf("0/0")).toBe(0n);
});

it("knows since when a repository lacks what was written", () => {
  const unarchived = new Unarchived();
  const at = (minute: number) => Date.parse(noon) + minute * 60_000;
  const seen = (all: RepositoryOverview[]) => unarchived.in(all, at(10));
  const repository = (minute: number) => [
    { repository: 2, newestWal: { segment: "s", at: new Date(at(minute)).toISOString() } },
  ];
  // What was written before the first look may be old, and may be there.
  unarchived.note(at(0));
  expect(seen(repository(-60))).toEqual({});
  unarchived.note(at(5));
  unarchived.note(at(6));
  expect(seen(repository(-60))).toEqual({ 2: "2026-11-29T12:05:00.000Z" });
  expect(seen(repository(5.5))).toEqual({ 2: "2026-11-29T12:06:00.000Z" });
  expect(seen(repository(7))).toEqual({});
  expect(seen([{ repository: 1 }])).toEqual({});
});

it("goes on with what the last run knew a repository to lack, until WAL of then is there", () => {
  const at = (minute: number) => Date.parse(noon) + minute * 60_000;
  const iso = (minute: number) => new Date(at(minute)).toISOString();
  const repository = (minute: number) => [
    { repository: 2, newestWal: { segment: "s", at: iso(minute) } },
  ];
  const unarchived = new Unarchived({ 1: iso(-9), 2: iso(-40) });
  const seen = (all: RepositoryOverview[]) => unarchived.in(all, at(10));
  expect(seen(repository(-41))).toEqual({ 2: "2026-11-29T11:20:00.000Z" });
  unarchived.note(at(0));
  unarchived.note(at(5));
  expect(seen(repository(-41))).toEqual({ 2: "2026-11-29T11:20:00.000Z" });
  expect(seen(repository(-39))).toEqual({ 2: "2026-11-29T12:05:00.000Z" });
  expect(seen(repository(6))).toEqual({});
});

it("knows what a repository lacks also after a clock that was ahead", () => {
  const at = (minute: number) => Date.parse(noon) + minute * 60_000;
  const iso = (minute: number) => new Date(at(minute)).toISOString();
  const day = 24 * 60;
  const unarchived = new Unarchived();
  const seen = (segment: string, archived: number, now: number) =>
    unarchived.in([{ repository: 1, newestWal: { segment, at: iso(archived) } }], at(now))[1];
  unarchived.note(at(0));
  // The monitor's clock is a day ahead for a while.
  unarchived.note(at(day));
  unarchived.note(at(day + 1));
  unarchived.note(at(1));
  unarchived.note(at(2));
  expect(seen("1", 0, 3)).toBe(iso(2));
  // The newest WAL came while the clock of its repository was ahead: it counts from when it was seen.
  expect(seen("2", day, 3)).toBeUndefined();
  unarchived.note(at(4));
  expect(seen("2", day, 5)).toBe(iso(4));
  expect(seen("3", 5, 5)).toBeUndefined();
});

describe("a stream", () => {
  const there = { streams: true, isMissing: false };
  const gone = { streams: false, isMissing: false };
  const missing = { streams: false, isMissing: true };

  it("is there until two looks say that it is not, where an answer is missing", () => {
    const streams = new Streams();
    expect(streams.of("a", there)).toBe(true);
    expect(streams.of("a", missing)).toBe(true);
    expect(streams.of("a", gone)).toBe(false);
    // What was gone does not come back by an answer that is missing.
    expect(streams.of("a", missing)).toBe(false);
    expect(streams.of("a", there)).toBe(true);
  });

  it("is gone at once where both ends say so, and each standby has its own", () => {
    const streams = new Streams();
    expect([streams.of("a", there), streams.of("b", missing)]).toEqual([true, false]);
    expect([streams.of("a", gone), streams.of("b", gone)]).toEqual([false, false]);
  });
});
