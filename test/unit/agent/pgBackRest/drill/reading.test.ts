import { Readable } from "node:stream";
import type { Client } from "pg";
import {
  isDamage,
  limitOf,
  readDatabase,
} from "../../../../../scripts/agent/pgBackRest/drill/contents";
import { saidBy } from "../../../../../scripts/agent/pgBackRest/drill/said";

const table = {
  ...{ oid: "16385", schema: "public", name: "t", unlogged: false, partition: false },
  ...{ extension: null, builtInOnly: true, costlyToPlan: false, encoding: "UTF8" },
  columns: [{ name: "id", hashes: true, builtIn: true }],
};

/** A server with a table and a materialized view. Reading the large objects fails as it is told to. */
function server(large?: Error) {
  const asked: string[] = [];
  const query = (what: string | { text: string }, values: unknown[] = []) => {
    const text = typeof what === "string" ? what : what.text;
    asked.push(text);
    if (typeof what !== "string") return Readable.from([Buffer.from("1\n2\n")]);
    if (text.includes("relkind::text")) {
      const view = String(values[1]) === "m";
      const kind = view ? "materialized view" : "table";
      return Promise.resolve({ rows: [{ ...table, kind, name: view ? "m" : "t" }] });
    }
    if (large && text.includes("pg_largeobject")) return Promise.reject(large);
    return Promise.resolve({ rows: [{ rows: "2", checksum: "3" }] });
  };
  return { asked, client: { query } as unknown as Client };
}

const read = (client: Client, live: boolean, major = 17) =>
  readDatabase(client, "app", {
    ...{ limit: limitOf(60), major, signal: new AbortController().signal, live },
  });

const queriesOf = (asked: string[]) => asked.filter((one) => /FROM ONLY|^COPY/.test(one.trim()));

describe("a database", () => {
  it("is read by COPY alone where its owners may change it meanwhile", async () => {
    const { asked, client } = server();
    const state = await read(client, true);
    expect(queriesOf(asked)).toEqual([
      expect.stringContaining('COPY "public"."t" ("id") TO STDOUT'),
    ]);
    expect(state.tables.map(({ content }) => content)).toMatchObject([
      { name: "t", rows: 2, algorithm: "copy" },
    ]);
    // COPY cannot read it before 18, also where a superuser owned it a moment ago.
    expect(state.unproven).toMatchObject([{ database: "app", name: "public.m" }]);
    const newer = await read(server().client, true, 18);
    expect(newer.tables.map(({ content }) => content.algorithm)).toEqual(["copy", "copy"]);
  });

  it("is summed by the server where nothing changes", async () => {
    const { asked, client } = server();
    const state = await read(client, false);
    expect(queriesOf(asked)).toHaveLength(2);
    expect(state.tables.map(({ content }) => content.algorithm)).toEqual(["record", "record"]);
  });

  it("that is damaged is a problem, and any other error leaves something unproven", async () => {
    const error = (code: string) => Object.assign(new Error("no"), { code });
    const damaged = await read(server(error("58030")).client, false);
    expect([damaged.problems, damaged.unproven]).toEqual([
      [
        '"app": the server that was read is damaged: large objects. It could not be read: no. [58030]',
      ],
      [],
    ]);
    const refused = await read(server(error("42501")).client, false);
    expect([refused.problems, refused.unproven]).toEqual([
      [],
      [{ database: "app", name: "large objects", why: "It could not be read: no. [42501]" }],
    ]);
  });
});

it("knows damage by the class of the SQLSTATE", () => {
  expect(["XX000", "XX001", "XX002", "58P01", "58030"].every((code) => isDamage(code))).toBe(true);
  expect(["57014", "42501", "P0001"].some((code) => isDamage(code))).toBe(false);
  // A table that is dropped or rewritten meanwhile is an internal error.
  expect([isDamage("XX000", true), isDamage("XX001", true), isDamage("58P01", true)]).toEqual([
    ...[false, true, true],
  ]);
});

it("keeps the first 300 characters of what a server says", () => {
  expect(saidBy(new Error("no"))).toBe("no.");
  expect(saidBy(new Error("x".repeat(100_000)))).toBe(`${"x".repeat(300)}…`);
});
