import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { ClientBase } from "pg";
import { algorithmFor, contentOf } from "../../../scripts/agent/dump/contents";
import { sumOfLines } from "../../../scripts/agent/dump/copiedRows";

const columns = [
  { name: "id", hashes: true, builtIn: true },
  { name: "place", hashes: false, builtIn: true },
  { name: 'mo"od', hashes: false, builtIn: false },
];

/** The query that sums a table. */
async function queryOf(algorithm: "record" | "text"): Promise<string> {
  const query = jest.fn((_text: string) => ({ rows: [{ rows: "3", checksum: "7" }] }));
  const client = { query } as unknown as ClientBase;
  expect(
    await contentOf(client, { schema: "s", name: "t", columns, encoding: "UTF8" }, algorithm),
  ).toEqual({
    ...{ schema: "s", name: "t", rows: 3, checksum: "7", algorithm },
  });
  return query.mock.calls[0]![0].replace(/\s+/g, " ");
}

it("casts no value of a user's type: its owner may have made the cast", async () => {
  const query = await queryOf("record");
  expect(query).toContain(
    `ROW(t."id", t."place"::text, CASE WHEN pg_catalog.num_nulls(t."mo""od") = 0 THEN pg_catalog.format('%s', t."mo""od") END)`,
  );
  expect(query).toContain('FROM ONLY "s"."t" AS t');
});

it("casts the row as a whole on PostgreSQL 13: nobody can make a cast for it", async () => {
  expect(await queryOf("text")).toContain(
    'pg_catalog.hashtextextended(ROW(t."id", t."place", t."mo""od")::text, 0)',
  );
});

describe("how a table is summed", () => {
  it.each([
    [true, "UTF8", 17, "record"],
    [true, "LATIN1", 14, "record"],
    [true, "UTF8", 13, "text"],
    [false, "UTF8", 17, "copy"],
    [false, "SQL_ASCII", 17, "copy"],
    // Bytes that have no place in UTF-8 cannot be converted.
    [false, "WIN1252", 17, "bytes"],
    [false, "EUC_JP", 13, "bytes"],
  ])(
    "with only built-in things: %s, in %s, on %i: %s",
    (builtInOnly, encoding, major, expected) => {
      const table = { builtInOnly, encoding, costlyToPlan: false };
      expect(algorithmFor(table, major)).toBe(expected);
    },
  );

  it("by COPY where the planner would open many indexes for a few pages", () => {
    const table = { builtInOnly: true, encoding: "UTF8", costlyToPlan: true };
    expect(algorithmFor(table, 17)).toBe("copy");
  });

  it.each([
    ["UTF8", "copy", "UTF8"],
    ["LATIN1", "copy", "UTF8"],
    ["SQL_ASCII", "copy", "SQL_ASCII"],
    ["WIN1252", "bytes", "WIN1252"],
  ] as const)("asks COPY, in %s for %s, for %s", async (encoding, algorithm, asked) => {
    const query = jest.fn((_copy: { text: string }) => Readable.from([Buffer.from("1\t\x81\n")]));
    const client = { query } as unknown as ClientBase;
    const found = await contentOf(client, { schema: "s", name: "t", columns, encoding }, algorithm);
    expect(found).toMatchObject({ rows: 1, algorithm });
    expect(query.mock.calls[0]![0].text).toBe(
      `COPY "s"."t" ("id", "place", "mo""od") TO STDOUT (ENCODING '${asked}')`,
    );
  });
});

describe("the sum of what COPY prints", () => {
  const sum = (...chunks: string[]) =>
    sumOfLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));
  const one = BigInt(`0x${createHash("sha256").update("1\tx").digest("hex").slice(0, 16)}`);
  const two = BigInt(`0x${createHash("sha256").update("2\ty").digest("hex").slice(0, 16)}`);

  it("does not depend on the order of the rows, nor on where the chunks end", async () => {
    const expected = { rows: 2, checksum: String(one + two) };
    expect(await sum("1\tx\n2\ty\n")).toEqual(expected);
    expect(await sum("2\t", "y\n1", "\tx", "\n")).toEqual(expected);
  });

  it("counts equal rows, and rows without columns", async () => {
    expect(await sum("1\tx\n1\tx\n")).toEqual({ rows: 2, checksum: String(2n * one) });
    expect((await sum("\n\n")).rows).toBe(2);
    expect(await sum()).toEqual({ rows: 0, checksum: "0" });
  });

  it("puts no row together that comes in many pieces: one may have a gigabyte", async () => {
    const concat = jest.spyOn(Buffer, "concat");
    const pieces = Array.from({ length: 300 }, () => "x".repeat(1000));
    const long = createHash("sha256").update(pieces.join("")).digest("hex").slice(0, 16);
    const expected = String(one + BigInt(`0x${long}`));
    expect(await sum("1\tx\n", ...pieces, "\n")).toEqual({ rows: 2, checksum: expected });
    expect(concat).not.toHaveBeenCalled();
    concat.mockRestore();
  });

  it("refuses an output that ends within a row", async () => {
    await expect(sum("1\tx\n2")).rejects.toThrow("the output of COPY ends within a row");
  });
});
