import type { ClientBase } from "pg";
import { contentOf } from "../../../scripts/agent/dump/contents";

const columns = [
  { name: "id", hashes: true, builtIn: true },
  { name: "place", hashes: false, builtIn: true },
  { name: 'mo"od', hashes: false, builtIn: false },
];

/** The query that sums a table. */
async function queryOf(algorithm: "record" | "text"): Promise<string> {
  const query = jest.fn((_text: string) => ({ rows: [{ rows: "3", checksum: "7" }] }));
  const client = { query } as unknown as ClientBase;
  expect(await contentOf(client, { schema: "s", name: "t", columns }, algorithm)).toEqual({
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
