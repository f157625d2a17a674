import type { Client } from "pg";
import {
  type CheckedIndexes,
  checkIndexes,
} from "../../../../../scripts/agent/pgBackRest/drill/amcheck";
import { inTime, NotInTime } from "../../../../../scripts/agent/pgBackRest/drill/sessions";

/** What the check of each index does, by its OID. */
type Checks = Record<string, () => Promise<unknown>>;

const error = (code: string, words = "no") => Object.assign(new Error(words), { code });
const never = () => new Promise<never>(() => undefined);
const good = () => Promise.resolve({ rows: [] });

/** A server with one database, whose indexes are checked as they are told to. */
async function check(
  checks: Checks,
  kinds: Record<string, string> = {},
): Promise<{ found: CheckedIndexes; kills: number }> {
  let kills = 0;
  const query = (text: string, values: unknown[] = []) => {
    if (text.includes("bt_index_check")) return checks[String(values[0])]!();
    if (text.includes("pg_database")) return { rows: [{ datname: "app", open: true }] };
    if (!text.includes("indexrelid")) return { rows: [], rowCount: 1 };
    return {
      rows: Object.keys(checks).map((oid) => ({
        oid,
        name: `public.i${oid}`,
        kind: kinds[oid] ?? "btree",
      })),
    };
  };
  const client = {
    query: (...call: [string, unknown[]?]) => Promise.resolve(query(...call)),
  } as unknown as Client;
  const server = {
    in: <T>(_database: string, work: (client: Client) => Promise<T>) => work(client),
    kill: () => Promise.resolve(void kills++),
  };
  const signal = new AbortController().signal;
  return { found: await checkIndexes(server, () => undefined, signal), kills };
}

describe("the check of the indexes", () => {
  it("knows damage from what could not be checked, and cuts what an owner says", async () => {
    const { found, kills } = await check({
      ...{ 1: good, 2: () => Promise.reject(error("XX002")), 3: good },
      ...{ 4: () => Promise.reject(error("58030")), 5: () => Promise.reject(error("XX000")) },
      6: () => Promise.reject(error("P0001", "x".repeat(5000))),
    });
    expect([found.indexes, found.late, kills]).toEqual([2, 0, 0]);
    expect(found.problems).toEqual([
      '"app": the index public.i2 is damaged: no. [XX002]',
      '"app": the index public.i4 is damaged: no. [58030]',
      '"app": the index public.i5 is damaged: no. [XX000]',
    ]);
    expect(found.unproven).toEqual([
      {
        ...{ database: "app", name: "public.i6" },
        why: `It could not be checked: ${"x".repeat(300)}… [P0001]`,
      },
    ]);
  });

  it("counts those of other kinds, which amcheck does not know", async () => {
    const { found } = await check(
      { 1: good, 2: never, 3: never, 4: never },
      { 2: "gist", 3: "hnsw", 4: "gist" },
    );
    expect([found.indexes, found.others]).toEqual([1, { gist: 2, hnsw: 1 }]);
  });

  it("counts an index that took too long, and goes on with the others", async () => {
    const { found } = await check({ 1: () => Promise.reject(error("57014")), 2: good });
    expect([found.indexes, found.late, found.unproven]).toEqual([
      ...[1, 1],
      [{ database: "app", name: "public.i1", why: "There was no time left to check it." }],
    ]);
  });

  it("ends the server where an index function ignores its end", async () => {
    jest.useFakeTimers();
    try {
      const checking = check({ 1: good, 2: never, 3: good });
      await jest.advanceTimersByTimeAsync(1831_000);
      const { found, kills } = await checking;
      expect([found.indexes, found.problems, kills]).toEqual([1, [], 1]);
      expect(found.ended).toBe(
        'The check of the index public.i2 of "app" did not end within 1830 s. So the drill has ended its server.',
      );
    } finally {
      jest.useRealTimers();
    }
  });
});

it("waits no longer than it is told to", async () => {
  await expect(inTime(never(), 0.01, "It")).rejects.toThrow(
    new NotInTime("It did not end within 0.01 s."),
  );
  expect(await inTime(Promise.resolve(7), 10, "It")).toBe(7);
});
