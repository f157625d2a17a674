import { Readable } from "node:stream";
import type { Client } from "pg";
import type { CatalogTable } from "../../../scripts/agent/dump/contents";
import { sumOfLines } from "../../../scripts/agent/dump/copiedRows";
import { contentsOf } from "../../../scripts/agent/dump/snapshot";

const table = (name: string, kind: CatalogTable["kind"] = "table"): CatalogTable => ({
  ...{ oid: "16400", schema: "s", name, kind, unlogged: false, partition: false },
  ...{ extension: null, builtInOnly: true, costlyToPlan: false, encoding: "UTF8" },
  columns: [{ name: "c", hashes: true, builtIn: true }],
});

/** A server whose sums of rows fail with this SQLSTATE. COPY prints a row of each table. */
function server(code: string) {
  const asked: string[] = [];
  const query = jest.fn((text: string | { text: string }): unknown => {
    asked.push(typeof text === "string" ? text : text.text);
    if (typeof text !== "string") return Readable.from([Buffer.from("x\n")]);
    if (text.includes(" FROM ONLY ")) {
      return Promise.reject(Object.assign(new Error("too large"), { code }));
    }
    return Promise.resolve({ rows: [{ rows: "0", checksum: "0" }] });
  });
  return { asked, client: { query } as unknown as Client };
}

const read = (client: Client, major: number, views: CatalogTable[] = []) =>
  contentsOf(
    client,
    { tables: [table("wide"), table("other")], before: () => Promise.resolve() },
    views,
    major,
  );

test.each([
  [13, "54000"],
  [17, "XX000"],
])("on %i, sums tables by COPY where a row is too large to be hashed: %s", async (major, code) => {
  const { asked, client } = server(code);
  const { tables } = await read(client, major);
  expect(tables.map(({ name, rows, algorithm }) => [name, rows, algorithm])).toEqual([
    ["other", 1, "copy"],
    ["wide", 1, "copy"],
  ]);
  // What failed is rolled back, and the transaction with the snapshot goes on.
  const failed = asked.findIndex((text) => text.includes(" FROM ONLY "));
  expect(asked[failed + 1]).toBe("ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one");
});

it("sums no materialized view of such a row, which COPY cannot read, and dumps all the same", async () => {
  const { client } = server("54000");
  const { materializedViews } = await read(client, 17, [table("v", "materialized view")]);
  expect(materializedViews).toEqual([
    { schema: "s", name: "v", rows: 0, checksum: null, algorithm: "record" },
  ]);
});

it("takes no other error for a row that is too large", async () => {
  await expect(read(server("57P01").client, 17)).rejects.toThrow("too large");
});

describe("small tables that are summed by COPY", () => {
  /** What pg calls for what a server answers. */
  interface Request {
    submit(connection: { query(script: string): void }): void;
    handleCopyData(message: { chunk: Buffer }): void;
    handleCommandComplete(message: { text: string }): void;
    handleError(error: Error): void;
    handleReadyForQuery(): void;
  }
  const small = (name: string): CatalogTable => ({
    ...table(name),
    ...{ oid: "16401", costlyToPlan: true },
  });
  const sums = (client: Client, tables: CatalogTable[]) =>
    contentsOf(client, { tables, before: () => Promise.resolve() }, [], 17);

  function printing(answer: (request: Request) => void) {
    const scripts: string[] = [];
    const query = jest.fn((asked: string | Request): unknown => {
      if (typeof asked === "string")
        return Promise.resolve({ rows: [{ oid: "16401", rows: "0", checksum: "0" }] });
      asked.submit({ query: (script) => scripts.push(script) });
      answer(asked);
      return asked;
    });
    return { scripts, client: { query } as unknown as Client };
  }

  it("go to the server in one request, each in a subtransaction of its own", async () => {
    const { scripts, client } = printing((request) => {
      request.handleCommandComplete({ text: "SAVEPOINT" });
      for (const line of ["x\n", "y\n"]) request.handleCopyData({ chunk: Buffer.from(line) });
      request.handleCommandComplete({ text: "COPY 2" });
      request.handleCommandComplete({ text: "ROLLBACK" });
      request.handleCommandComplete({ text: "COPY 0" });
      request.handleCommandComplete({ text: "RELEASE" });
      request.handleReadyForQuery();
    });
    const { tables } = await sums(client, [small("one"), small("two")]);
    expect(tables.map(({ name, rows, algorithm }) => [name, rows, algorithm])).toEqual([
      ["one", 2, "copy"],
      ["two", 0, "copy"],
    ]);
    const { checksum } = await sumOfLines(Readable.from([Buffer.from("y\nx\n")]));
    expect(tables.map((one) => one.checksum)).toEqual([checksum, "0"]);
    expect(scripts).toEqual([
      `SAVEPOINT one; COPY "s"."one" ("c") TO STDOUT (ENCODING 'UTF8'); ROLLBACK TO SAVEPOINT one; ` +
        `COPY "s"."two" ("c") TO STDOUT (ENCODING 'UTF8'); ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one`,
    ]);
  });

  it("fail with the server's error, and when the server did not print each of them", async () => {
    const failing = printing((request) => request.handleError(new Error("gone")));
    await expect(sums(failing.client, [small("one")])).rejects.toThrow("gone");
    const silent = printing((request) => request.handleReadyForQuery());
    await expect(sums(silent.client, [small("one")])).rejects.toThrow("did not print every table");
    const broken = printing((request) => {
      request.handleCopyData({ chunk: Buffer.from("half a row") });
      request.handleCommandComplete({ text: "COPY 1" });
    });
    await expect(sums(broken.client, [small("one")])).rejects.toThrow("ends within a row");
  });
});
