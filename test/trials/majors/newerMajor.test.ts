import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RestoreLab } from "../../support/agentRestoreLab";
import { checksum } from "../../support/imageLab";

// The way to upgrade a major that docs/dumps.md describes.
describe("a dump of PostgreSQL 13 on a server of 17", () => {
  const [older, newer] = [new RestoreLab(13), new RestoreLab(17)];
  const here = mkdtempSync(join(tmpdir(), "lbt-newer-"));
  const folder = join(here, "dump");
  beforeAll(async () => {
    await older.open();
    await newer.open();
  }, 600_000);
  afterAll(async () => {
    rmSync(here, { recursive: true });
    await older.close();
    await newer.close();
  }, 120_000);

  it("is restored with the same comparison, and its rights are those that it had", async () => {
    await older.primary.sql("CREATE ROLE tenant LOGIN; CREATE ROLE guest LOGIN");
    await older.primary.sql("CREATE DATABASE shop OWNER tenant");
    await older.primary.sql("ALTER DATABASE shop SET \"app.tenant\" TO 'x'");
    await older.primary.sql(
      `CREATE TYPE mood AS ENUM ('gut', 'schlecht'); CREATE DOMAIN percent AS numeric CHECK (VALUE <= 100);
       CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS note, n::numeric / 7 AS part, (n / 3.0)::float8 AS f,
         (n / 3.0)::float4 AS g, now() - n * interval '1 hour' AS at, interval '1 day' * n AS long, '{1,2}'::int[] AS list,
         (ARRAY['gut', 'schlecht'])[1 + n % 2]::mood AS mood, (n % 100)::percent AS share, int4range(n, n + 5) AS span,
         jsonb_build_object('n', n) AS j, decode(md5(n::text), 'hex') AS bytes, CASE WHEN n % 3 = 0 THEN n END AS maybe
         FROM generate_series(1, 5000) n;
       ALTER TABLE orders ADD PRIMARY KEY (id); ALTER TABLE orders OWNER TO tenant;
       CREATE TABLE parted (n int, t text) PARTITION BY RANGE (n);
       CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
       INSERT INTO parted SELECT n, 'x' FROM generate_series(0, 99) n;
       CREATE VIEW many AS SELECT * FROM orders WHERE id > 10; CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM parted;
       CREATE SEQUENCE numbers; SELECT setval('numbers', 4711);
       CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 2 * $1; END';
       GRANT SELECT ON orders TO guest; SELECT lo_from_bytea(4711, decode(repeat('00ff', 5000), 'hex'))`,
      "shop",
    );
    const { id } = await older.dump("shop");
    await older.fetch(`/backups/${id}`, folder);

    const words = ["restore-dump", "--file", folder, "--yes", "--create-roles", "--as", "shop"];
    expect((await newer.laterbase(...words)).error).toBe(
      "The dump was written by PostgreSQL 13 and the primary is 17: --newer-major restores it there, and docs/dumps.md says what to test afterwards.",
    );
    const { result, error } = await newer.laterbase(...words, "--newer-major");
    expect(error).toBeUndefined();
    expect(result).toMatchObject({
      ...{ database: "shop", differences: [], tables: 2, rows: 5100, largeObjects: 1 },
      notes: [expect.stringContaining("It was dumped by PostgreSQL 13 and is on 17 now")],
    });
    for (const query of [
      checksum("orders"),
      checksum("parted"),
      "SELECT last_value FROM numbers",
      "SELECT md5(lo_get(4711))",
      "SELECT twice(4) + (SELECT count(*) FROM many) + (SELECT count FROM seen)",
      "SELECT has_schema_privilege('guest', 'public', 'CREATE')",
      "SELECT has_table_privilege('guest', 'orders', 'SELECT')",
      "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public'",
      "SHOW app.tenant",
    ]) {
      const there = await older.primary.sql(query, "shop");
      expect([query, await newer.primary.sql(query, "shop")]).toEqual([query, there]);
    }
  }, 240_000);

  it("closes the schema public as it was closed", async () => {
    await older.primary.sql("CREATE DATABASE closed");
    await older.primary.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC", "closed");
    await older.primary.sql("CREATE TABLE t AS SELECT 1 AS n", "closed");
    const { id } = await older.dump("closed");
    await older.fetch(`/backups/${id}`, join(here, "closed"));
    const words = ["--file", join(here, "closed"), "--yes", "--newer-major", "--as", "closed"];
    expect((await newer.laterbase("restore-dump", ...words)).error).toBeUndefined();
    const rights = "SELECT has_schema_privilege('guest', 'public', 'CREATE')";
    expect(await newer.primary.sql(rights, "closed")).toBe("f");
    expect(await newer.primary.sql(rights.replace("CREATE", "USAGE"), "closed")).toBe("t");
  }, 240_000);

  it("is not the other way round", async () => {
    await newer.primary.sql("CREATE TABLE t AS SELECT 1 AS n", "app");
    const { id } = await newer.dump("app");
    await newer.fetch(`/backups/${id}`, join(here, "new"));
    const words = ["--file", join(here, "new"), "--yes", "--newer-major", "--as", "back"];
    expect((await older.laterbase("restore-dump", ...words)).error).toMatch(
      /^The dump was written by PostgreSQL 17 and the primary is 13: restore it on a server of the same major or a newer one/,
    );
  }, 120_000);
});
