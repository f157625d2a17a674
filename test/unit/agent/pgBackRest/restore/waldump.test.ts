import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  isPoint,
  parseRecords,
  runningXids,
  transactionEnd,
  wasBefore,
} from "../../../../../scripts/agent/pgBackRest/restore/waldump";

const recorded = join(__dirname, "recorded");
const text = (release: string, name: string) => readFileSync(join(recorded, release, name), "utf8");
const micros = (iso: string, more: number) => Date.parse(iso) * 1000 + more;

describe.each(readdirSync(recorded))("pg_waldump of PostgreSQL %s", (release) => {
  it("prints the ends of transactions", () => {
    const truth = JSON.parse(text(release, "truth.json")) as { xid: number; at: string }[];
    const ends = parseRecords(text(release, "Transaction.txt")).flatMap(
      (record) => transactionEnd(record, 1) ?? [],
    );
    // What the server itself says about the rows' transactions, to the microsecond.
    expect(truth.length).toBeGreaterThan(6);
    for (const { xid, at } of truth) {
      const expected = micros(`${at.slice(0, 19).replace(" ", "T")}Z`, Number(at.slice(20)));
      expect(ends.filter((one) => one.xid === xid).map((one) => one.at)).toEqual([expected]);
    }
    expect(ends.map(({ lsn }) => lsn).every((lsn) => /^0\/[1-9A-F][0-9A-F]*$/.test(lsn))).toBe(
      true,
    );
  });

  it("prints a prepared transaction under its own number, and what its name makes look like a record", () => {
    const records = parseRecords(text(release, "Transaction.txt"));
    const forged = records.find(({ xid }) => xid === 999);
    // It has the LSN that its author chose: nothing begins there.
    expect(forged?.lsn).toBe("0/2FFFFF8");
    const prepared = records.find(({ description }) => description.startsWith("COMMIT_PREPARED"));
    expect(prepared && transactionEnd(prepared, 1)?.xid).toBeGreaterThan(prepared?.xid ?? Infinity);
  });

  it("prints restore points", () => {
    const records = parseRecords(text(release, "XLOG.txt"));
    const points = records.filter(({ description }) => description.startsWith("RESTORE_POINT "));
    expect(points.map(({ description }) => description.slice(14))).toEqual([
      "before_release",
      "a b",
    ]);
    expect(records.filter((one) => isPoint(one, "a b"))).toHaveLength(1);
    expect(records.filter((one) => isPoint(one, "a"))).toEqual([]);
  });

  it("prints the numbers of the transactions that run", () => {
    const running = parseRecords(text(release, "Standby.txt")).flatMap(
      (record) => runningXids(record) ?? [],
    );
    expect(running.length).toBeGreaterThan(0);
    const next = running.map((one) => one.next);
    expect(next).toEqual(next.toSorted((a, b) => a - b));
    expect(running.every(({ next: one, oldest }) => oldest <= one && oldest > 3)).toBe(true);
  });
});

it("reads aborts and prepared transactions, and nothing else", () => {
  const line = (desc: string, group = "Transaction") =>
    `rmgr: ${group.padEnd(11)} len (rec/tot):     34/    34, tx:        742, lsn: 0/05000098, prev 0/05000060, desc: ${desc}`;
  const end = (desc: string, group?: string) => {
    const [record] = parseRecords(`${line(desc, group)}\n`);
    return record && transactionEnd(record, 3);
  };
  const time = "2026-11-29 12:00:00.000001 UTC";
  const at = micros("2026-11-29T12:00:00Z", 1);
  const one = { lsn: "0/5000098", timeline: 3, at };
  const read = [
    [`COMMIT ${time}; inval msgs: catcache 55`, 742],
    [`ABORT ${time}`, 742],
    [`COMMIT_PREPARED 741: ${time}`, 741],
    [`ABORT_PREPARED 741: ${time}`, 741],
  ] as const;
  for (const [description, xid] of read) {
    expect(end(description)).toEqual({ ...one, xid, description });
  }
  expect(end(`PREPARE gid x: ${time}`)).toBeUndefined();
  expect(end(`COMMIT ${time}`, "XLOG")).toBeUndefined();
  expect(end("COMMIT 2026-11-29 12:00:00.000001 CET")).toBeUndefined();
  expect(parseRecords(`pg_waldump: error\n${line("COMMIT")} \n${line("x").slice(1)}\n`)).toEqual([
    { group: "Transaction", xid: 742, lsn: "0/5000098", description: "COMMIT" },
  ]);
  expect(parseRecords(line("x").replace("0/05000098", "0/00000000"))[0]?.lsn).toBe("0/0");
});

it("compares numbers of transactions as they count round", () => {
  const cases = [
    [3, 4],
    [4, 3],
    [3, 3],
    [4_294_967_295, 3],
    [3, 4_294_967_295],
  ] as const;
  expect(cases.map(([a, b]) => wasBefore(a, b))).toEqual([true, false, false, true, false]);
});
