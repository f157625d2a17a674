import type { Client } from "pg";
import type { CatalogTable } from "../../../scripts/agent/dump/contents";
import { TableLocks } from "../../../scripts/agent/dump/tableLocks";

/** Tables as the catalog lists them: the largest first. */
const tablesOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    oid: String(n + 1),
    schema: "s",
    name: `t${n + 1}`,
  })) as CatalogTable[];

/** A session that notes how many tables each LOCK names. */
class Session {
  readonly locked: number[] = [];
  /** How many tables pg_dump has locked, for each question. */
  dump: number[] = [];
  file = (oid: string) => oid;

  readonly query = jest.fn((text: string, values: unknown[] = []) => {
    if (text.startsWith("LOCK TABLE")) this.locked.push(text.split("ONLY").length - 1);
    if (text.includes("pg_locks")) return { rows: [{ locked: this.dump.shift() ?? Infinity }] };
    if (text.includes("filenode")) {
      return { rows: (values[0] as string[]).map((oid) => ({ oid, file: this.file(oid) })) };
    }
    return { rows: [] };
  });
}

const { signal } = new AbortController();
const never = new Promise<void>(() => undefined);
let session: Session;
const locksOf = (count: number) =>
  new TableLocks(session as unknown as Client, tablesOf(count), "laterbase dump 1");
beforeEach(() => (session = new Session()));

it("locks the 64 largest tables itself, whatever the number of others, and sums them last", async () => {
  const locks = locksOf(2001);
  await locks.lockLargest();
  expect(session.locked).toEqual([64]);
  expect(locks.tables.map(({ name }) => name).slice(0, 2)).toEqual(["t65", "t66"]);
  expect(locks.tables.at(-1)!.name).toBe("t64");
  await locks.awaitDump(never, signal);
  for (const table of locks.tables) await locks.before(table);
  expect(session.locked).toEqual([64]);
});

it("waits until pg_dump has locked every table that it does not lock itself", async () => {
  session.dump = [0, 1936, 1937];
  const locks = locksOf(2001);
  await locks.awaitDump(never, signal);
  expect(session.dump).toEqual([]);
});

it("locks what is left when pg_dump has ended, and then no more", async () => {
  let end = () => {};
  const dump = new Promise<void>((resolve) => (end = resolve));
  const locks = locksOf(70);
  await locks.awaitDump(dump, signal);
  const [first, second, third] = locks.tables;
  await locks.before(first!);
  end();
  await dump;
  await locks.before(second!);
  await locks.before(third!);
  expect(session.locked).toEqual([5]);
});

it("refuses a table that somebody emptied or rewrote between the end of pg_dump and its sum", async () => {
  let end = () => {};
  const dump = new Promise<void>((resolve) => (end = resolve));
  const locks = locksOf(70);
  await locks.awaitDump(dump, signal);
  end();
  await dump;
  session.file = (oid) => (oid === "67" ? "other" : oid);
  await expect(locks.before(locks.tables[0]!)).rejects.toThrow(
    'The table "s"."t67" was emptied or rewritten while it was dumped: dump it again.',
  );
});

it("does without pg_dump's locks when that has ended at once", async () => {
  const locks = locksOf(70);
  session.dump = [0, 0, 0];
  await locks.lockLargest();
  await locks.awaitDump(Promise.resolve(), signal);
  for (const table of locks.tables) await locks.before(table);
  expect(session.locked).toEqual([64, 6]);
});
