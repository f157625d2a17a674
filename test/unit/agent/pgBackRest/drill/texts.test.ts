import type { Proof, Unproven } from "../../../../../contract/drillRecord";
import { readChecksums } from "../../../../../scripts/agent/pgBackRest/drill/checksums";
import { difference } from "../../../../../scripts/agent/pgBackRest/drill/compare";
import {
  lossOf,
  ofPages,
  ofReplay,
  ofRows,
} from "../../../../../scripts/agent/pgBackRest/drill/evidence";
import {
  drillSentence,
  listed,
  unprovenOf,
  unprovenSentence,
} from "../../../../../scripts/agent/pgBackRest/drill/proofs";
import type { SourceState } from "../../../../../scripts/agent/pgBackRest/drill/source";

const at = "2026-11-29T12:00:10.000Z";
const unproven = (count: number): Unproven[] =>
  Array.from({ length: count }, (_, n) => ({ database: "app", name: `public.t${n}`, why: "…" }));
const state = (more: Partial<SourceState> = {}): SourceState => ({
  ...{
    from: "standby" as const,
    target: "0/50000F0",
    databases: [],
    unproven: [],
    notes: [],
    problems: [],
  },
  marker: { name: "laterbase drill 1", lsn: "0/5000098", at, timeline: 1 },
  ...more,
});

describe("the loss", () => {
  it("is the time from the last commit to the marker", () => {
    expect(lossOf(at, "2026-11-29T12:00:07.650Z", 40)).toEqual({
      ...{ lastCommit: "2026-11-29T12:00:07.650Z", seconds: 2.4, archiveAge: 40 },
    });
  });
  it("is nothing where the last commit came after the marker, or none is known", () => {
    expect(lossOf(at, "2026-11-29T12:00:11.000Z", undefined)).toMatchObject({ seconds: 0 });
    expect(lossOf(at, undefined, undefined)).toEqual({});
  });
});

it("says what was replayed, and what a loss would cost", () => {
  const recovery = { restoreSeconds: 2.5, replaySeconds: 1.24, segments: 3, walBytes: 24_000_000 };
  const loss = { lastCommit: "2026-11-29T12:00:07.650Z", seconds: 2.4, archiveAge: 40 };
  expect(ofReplay(state(), recovery, loss).detail).toBe(
    "3 WAL segments (24.0 MB) were replayed to 0/50000F0 in 1.2 s, with the marker at 0/5000098. " +
      "The last commit is of 2026-11-29T12:00:07Z, 2.4 s before the marker. " +
      "Before the drill, the newest WAL in the repository was 40 s old.",
  );
  const one = { ...recovery, segments: 1 };
  expect(ofReplay(state({ notes: ["A note."] }), one, {}).detail).toBe(
    "1 WAL segment (24.0 MB) were replayed to 0/50000F0 in 1.2 s, with the marker at 0/5000098. " +
      "No commit came after the backup. A note.",
  );
});

it("says which rows are equal, and what is unproven", () => {
  const databases = [{ name: "app", tables: [], unproven: [], problems: [] }];
  const figures = { databases: 1, tables: 12, rows: 34_000 };
  const good = { figures, differences: [] };
  expect(ofRows(state({ databases }), good)).toEqual({
    problems: [],
    detail: "12 tables with 34,000 rows in 1 database are equal to the standby's.",
    unproven: false,
  });
  const some = state({ databases, unproven: unproven(7), from: "primary" });
  expect(ofRows(some, good).detail).toBe(
    '12 tables with 34,000 rows in 1 database are equal to the primary\'s. Unproven are public.t0 of "app", ' +
      'public.t1 of "app", public.t2 of "app", public.t3 of "app", public.t4 of "app" and 2 more.',
  );
  const none = { figures: { databases: 1, tables: 0, rows: 0 }, differences: [] };
  expect(ofRows(some, none).unproven).toBe(true);
  const differences = ['"app": public.t has other rows.'];
  expect(ofRows(some, { figures, differences }).problems).toEqual(differences);
  // The server that was read is damaged itself.
  const damaged = state({ databases, problems: ["It is damaged."] });
  expect(ofRows(damaged, good).problems).toEqual(["It is damaged."]);
});

it("compares rows before checksums", () => {
  const expected = { rows: 10, checksum: "1" };
  expect(difference("public.t", expected, { rows: 9, checksum: "1" })).toBe(
    "public.t has 9 rows instead of 10",
  );
  expect(difference("public.t", expected, { rows: 10, checksum: "2" })).toBe(
    "public.t has other rows",
  );
  expect(difference("public.t", expected, { rows: 10, checksum: "1" })).toBeUndefined();
});

describe("the files", () => {
  const indexes = { indexes: 1234, problems: [], unproven: [], late: 0, others: {} };
  it("are whole, or only the B-trees are known to be", () => {
    expect(ofPages(indexes, { pages: 5678, problems: [] })).toEqual({
      problems: [],
      detail: "1,234 B-trees fit their tables, and 5,678 pages have their checksum.",
      unproven: false,
    });
    expect(ofPages(indexes, { off: true })).toEqual({
      problems: [],
      detail:
        "1,234 B-trees fit their tables. The server was made without data checksums. So its pages are unproven.",
      unproven: true,
    });
  });

  it("name the kinds of indexes that nothing compares with their tables", () => {
    const pages = { pages: 5678, problems: [] };
    const trees = "1,234 B-trees fit their tables, and 5,678 pages have their checksum.";
    const others = { hnsw: 2, gist: 3, brin: 1 };
    expect(ofPages({ ...indexes, others }, pages)).toEqual({
      problems: [],
      detail: `${trees} Of 6 other indexes (brin, gist and hnsw) only the pages are checked.`,
      unproven: false,
    });
    expect(ofPages({ ...indexes, others: { gin: 1 } }, pages).detail).toBe(
      `${trees} Of 1 other index (gin) only the pages are checked.`,
    );
    // Without checksums nothing is known of them at all.
    expect(ofPages({ ...indexes, others }, { off: true }).detail).not.toContain("gist");
  });

  it("are unproven where not all of them were looked at", () => {
    const pages = { pages: 5678, problems: [] };
    expect(ofPages({ ...indexes, indexes: 0 }, pages).unproven).toBe(true);
    expect(ofPages({ ...indexes, late: 1 }, pages).unproven).toBe(true);
    expect(ofPages({ ...indexes, ended: "It was ended." }, undefined)).toMatchObject({
      detail:
        "1,234 B-trees fit their tables. It was ended. The other B-trees and the pages are unproven.",
      unproven: true,
    });
  });

  const printed = (scanned: number, bad: number) =>
    `Checksum operation completed\nFiles scanned:   1243\nBlocks scanned:  ${scanned}\nBad checksums:  ${bad}\nData checksum version: 1\n`;
  it("are read as pg_checksums prints them", () => {
    expect(readChecksums(0, printed(3921, 0), "")).toEqual({ pages: 3921, problems: [] });
    const stderr = `pg_checksums: error: checksum verification failed in file "/var/lib/postgresql/drill/data/base/5/16385", block 7: calculated checksum 1 but block contains 2\n`;
    expect(readChecksums(1, printed(3921, 1), stderr)).toEqual({
      pages: 3921,
      problems: ["1 of 3921 pages have a wrong checksum: page 7 of base/5/16385."],
    });
    expect(() => readChecksums(1, "", "pg_checksums: error: cluster must be shut down\n")).toThrow(
      "The pages could not be checked: pg_checksums: error: cluster must be shut down [1]",
    );
  });
});

describe("the sentence on a drill", () => {
  const proof = (result: Proof["result"], detail: string): Proof => ({
    result,
    detail,
    seconds: 1,
  });
  const good = {
    ...{ restore: proof("proven", "A."), replay: proof("proven", "B.") },
    ...{ rows: proof("proven", "C."), pages: proof("proven", "D.") },
  };
  it("says how many proofs hold, or which one does not", () => {
    expect(drillSentence(good)).toBe("All four proofs hold. A. B. C. D.");
    expect(drillSentence({ ...good, rows: proof("unproven", "E.") })).toBe(
      "3 of four proofs hold. A. B. E. D.",
    );
    expect(drillSentence({ ...good, replay: proof("failed", "It is missing.") })).toBe(
      "The WAL after the backup cannot be replayed: It is missing.",
    );
    // The repository may be away, and the backup good.
    expect(drillSentence({ ...good, restore: proof("failed", "It is away.") })).toBe(
      "The newest backup was not restored: It is away.",
    );
  });
  it("names the first problems and counts the others", () => {
    expect(listed(["1.", "2.", "3.", "4.", "5.", "6.", "7."])).toBe("1. 2. 3. 4. 5. And 2 more.");
  });
  it("keeps twenty of what is unproven, and the number of all", () => {
    expect(unprovenOf([])).toEqual({});
    expect(unprovenOf(unproven(25))).toEqual({
      unproven: { count: 25, first: unproven(20) },
    });
    expect(unprovenSentence(unproven(1))).toBe('Unproven is public.t0 of "app".');
  });
});
