import type { Client } from "pg";
import { ComparisonDuringRestore } from "../../../scripts/agent/restore/comparisonDuringRestore";
import type { TableContent } from "../../../contract/manifest";

const table = (schema: string, name: string, checksum: string | null = "7"): TableContent => ({
  ...{ schema, name, rows: 2, checksum: checksum, algorithm: "record" },
});

/** A database with the manifest's tables. Each has two rows with the sum 7. */
function comparison(tables: TableContent[], { partitions = [] as string[], broken = false } = {}) {
  const asked: string[] = [];
  let ended = false;
  const query = (text: string) => {
    asked.push(text);
    if (broken) return Promise.reject(new Error("the connection is gone"));
    if (text.startsWith("SET")) return Promise.resolve();
    if (!text.includes("pg_class")) {
      return Promise.resolve({ rows: [{ rows: "2", checksum: "7" }] });
    }
    const rows = tables.map(({ schema, name }) => ({
      ...{ schema, name, columns: [], partition: partitions.includes(name) },
    }));
    return Promise.resolve({ rows });
  };
  const client = { query, end: () => Promise.resolve(void (ended = true)) } as unknown as Client;
  const login = { connect: () => Promise.resolve(client) };
  const contents = new ComparisonDuringRestore(
    login,
    "db",
    { tables },
    new AbortController().signal,
  );
  return { contents, asked, ended: () => ended };
}

/** Waits until everything is done. `end` would leave out what waits. */
const done = () => new Promise((resolve) => setTimeout(resolve, 20));

it("finds a table that is as the manifest says, and ends its session", async () => {
  const { contents, ended } = comparison([table("public", "a"), table("s", "b")]);
  contents.tableLoaded("b");
  contents.tableLoaded("a");
  await done();
  await contents.end();
  expect([...contents.equal.keys()]).toEqual(["s.b", "public.a"]);
  expect(ended()).toBe(true);
});

it.each([
  ["whose name two schemas have", [table("public", "a"), table("s", "a")], {}],
  ["with other rows, which the end reports", [table("public", "a", "8")], {}],
  ["without a checksum in the manifest", [table("public", "a", null)], {}],
  ["that is a partition", [table("public", "a")], { partitions: ["a"] }],
  ["that the manifest does not know", [table("public", "other")], {}],
  ["of a server that does not answer", [table("public", "a")], { broken: true }],
])("leaves a table to the end: one %s", async (_, tables, how) => {
  const { contents } = comparison(tables, how);
  contents.tableLoaded("a");
  await done();
  await contents.end();
  expect([...contents.equal]).toEqual([]);
});

it("asks nothing more after its end", async () => {
  const { contents, asked } = comparison([table("public", "a"), table("public", "b")]);
  contents.tableLoaded("a");
  await contents.end();
  contents.tableLoaded("b");
  await done();
  expect(asked).toEqual([]);
});
