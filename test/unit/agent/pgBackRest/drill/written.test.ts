import {
  keepProven,
  whyUnproven,
} from "../../../../../scripts/agent/pgBackRest/drill/primarySource";
import { note, type Written } from "../../../../../scripts/agent/pgBackRest/drill/written";
import type { DatabaseState } from "../../../../../scripts/agent/pgBackRest/drill/contents";

const head = (group: string) =>
  `rmgr: ${group.padEnd(11)} len (rec/tot):     72/    72, tx:        740, lsn: 0/0150F1A0, prev 0/0150F168, desc: `;

const writtenBy = (...lines: string[]) => {
  const written: Written = { files: new Set(), oids: new Set() };
  for (const line of lines) note(line, written);
  return { files: [...written.files], oids: [...written.oids] };
};

it("reads which tables a part of the WAL writes", () => {
  expect(
    writtenBy(
      `${head("Heap")}INSERT off: 3, flags: 0x08, blkref #0: rel 1663/16384/16390 blk 0`,
      // Of 13 and 14.
      `${head("Heap")}HOT_UPDATE off 2 xmax 740 flags 0x20 ; new off 3 xmax 0, blkref #0: rel 1663/16384/16391 blk 5`,
      `${head("Heap2")}MULTI_INSERT+INIT ntuples: 5, blkref #0: rel 1663/16384/16392 blk 0`,
      `${head("Heap")}UPDATE off: 1, blkref #0: rel 1663/16384/16393 blk 1, blkref #1: rel 1663/16384/16394 blk 0`,
    ),
  ).toEqual({ files: ["16390", "16391", "16392", "16393", "16394"], oids: [] });
});

it("reads what was locked alone, emptied or dropped", () => {
  expect(
    writtenBy(
      `${head("Standby")}LOCK xid 740 db 16384 rel 16399`,
      `${head("Storage")}CREATE base/16384/16400`,
      `${head("Transaction")}COMMIT 2026-11-29 12:00:00.123456 UTC; rels: base/16384/16401; base/16384/16402; inval msgs: catcache 50`,
      `${head("Transaction")}COMMIT 2026-11-29 12:00:00.123456 UTC; rels: pg_tblspc/16500/PG_17_202406281/16384/16403`,
    ),
  ).toEqual({ files: ["16400", "16401", "16402", "16403"], oids: ["16399"] });
});

it("takes no hint bit and no vacuum for a write, and no line that is no record", () => {
  expect(
    writtenBy(
      `${head("XLOG")}FPI_FOR_HINT , blkref #0: rel 1663/16384/16390 blk 0 FPW`,
      `${head("Heap2")}PRUNE_ON_ACCESS snapshotConflictHorizon: 739, blkref #0: rel 1663/16384/16390 blk 0`,
      `${head("Heap2")}VISIBLE snapshotConflictHorizon: 0, blkref #0: rel 1663/16384/16390 fork vm blk 0`,
      "rel 1663/16384/16390",
    ),
  ).toEqual({ files: [], oids: [] });
});

const writes = {
  locked: new Set(["1"]),
  written: { files: new Set(["22"]), oids: new Set(["3"]) },
  files: new Map([
    ...([
      ["1", "11"],
      ["2", "22"],
      ["3", "33"],
      ["4", "44"],
      ["5", "55"],
      ["6", "66"],
    ] as const),
  ]),
  now: new Map([
    ...([
      ["4", "45"],
      ["5", "55"],
    ] as const),
  ]),
};

it("says why the rows of a table may differ", () => {
  const meanwhile = "It was written while the marker was.";
  const rewritten = "It was rewritten while it was read.";
  expect(["1", "2", "3", "4", "5", "6"].map((oid) => whyUnproven(oid, writes))).toEqual([
    ...[meanwhile, meanwhile, meanwhile, rewritten, undefined, rewritten],
  ]);
});

it("leaves those tables out, by their names", () => {
  const table = (oid: string) => ({
    table: { oid, schema: "public", name: `t${oid}` },
    content: {},
  });
  const read = {
    ...{ name: "app", tables: [table("1"), table("5")], largeObjects: { count: 1, checksum: "1" } },
    unproven: [{ database: "app", name: "public.u", why: "before" }],
  } as unknown as DatabaseState;
  const kept = keepProven(read, (oid) => whyUnproven(oid, writes), "2");
  expect(kept.tables.map((one) => one.table.name)).toEqual(["t5"]);
  expect(kept).not.toHaveProperty("largeObjects");
  expect(kept.unproven.map(({ name }) => name)).toEqual(["public.u", "public.t1", "large objects"]);
  expect(keepProven(read, () => undefined, "2")).toEqual(read);
});
