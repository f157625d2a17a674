import type { Manifest } from "../../contract/manifest";
import { RestoreLab } from "../support/agentRestoreLab";
import { cases } from "../support/cases";

/** Things that real databases hold. */
describe.each(cases([17], [13]))("a restore on PostgreSQL %s of", (major) => {
  const lab = new RestoreLab(major);
  const sql = (query: string, database = "postgres") =>
    lab.primary.sql(query, `dbname='${database}'`);
  beforeAll(() => lab.open(), 300_000);
  afterAll(() => lab.close(), 60_000);

  /** Makes a database, dumps it, restores it, and returns the result. */
  async function roundTrip(name: string, create: string, contents: string) {
    await sql(`CREATE DATABASE "${name}" TEMPLATE template0 ${create}`);
    await sql(contents, name);
    await lab.dump(name);
    return lab.laterbase("restore-dump", name, "--as", `${name} again`);
  }

  it("large objects with holes", async () => {
    const { result, error } = await roundTrip(
      "holes",
      "",
      `SELECT lo_create(5); SELECT lo_put(5, 100000, 'x'); SELECT lo_create(6); SELECT lo_put(6, 3, 'y');`,
    );
    expect(error).toBeUndefined();
    expect(result!["differences"]).toEqual([]);
    const bytes = "SELECT md5(lo_get(5)), lo_get(6)";
    expect(await sql(bytes, "holes again")).toBe(await sql(bytes, "holes"));
  }, 240_000);

  it("values that name objects, and user-defined types", async () => {
    const { result, error } = await roundTrip(
      "types",
      "",
      `CREATE TABLE refs AS SELECT 'pg_class'::regclass AS c, 'refs_t'::name AS n;
       CREATE TABLE later (n int); INSERT INTO refs VALUES ('later', 'x');
       CREATE DOMAIN positive AS int CHECK (VALUE > 0);
       CREATE TYPE pair AS (a int, b regclass);
       CREATE TABLE odd (d positive, p pair, r numrange, g int GENERATED ALWAYS AS (1 + 1) STORED, x xml, ts tsvector);
       INSERT INTO odd VALUES (1, (1, 'later'), '[1,2)', DEFAULT, '<a/>', 'a b');`,
    );
    expect(error).toBeUndefined();
    expect(result!["differences"]).toEqual([]);
  }, 240_000);

  it("policies, triggers, event triggers, publications, rules, extensions and inheritance", async () => {
    await sql("CREATE ROLE reader");
    const { result, error } = await roundTrip(
      "rich",
      "",
      `CREATE TABLE parent (n int, t text); CREATE TABLE child (extra int) INHERITS (parent);
       INSERT INTO child SELECT n, 'c', n FROM generate_series(1, 10) n; INSERT INTO parent VALUES (0, 'p');
       ALTER TABLE parent ENABLE ROW LEVEL SECURITY; ALTER TABLE parent FORCE ROW LEVEL SECURITY;
       CREATE POLICY "p TO x" ON parent FOR SELECT TO reader, PUBLIC USING (n > 5);
       CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.n := NEW.n + 1; RETURN NEW; END';
       CREATE TRIGGER t BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION f();
       CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''ddl''; END';
       CREATE EVENT TRIGGER ev ON ddl_command_end EXECUTE FUNCTION e();
       CREATE PUBLICATION pub FOR TABLE parent;
       CREATE EXTENSION pg_trgm; CREATE INDEX ON parent USING gin (t gin_trgm_ops);
       CREATE SEQUENCE s; SELECT nextval('s'), nextval('s');
       ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;
       CREATE VIEW v AS SELECT * FROM parent; COMMENT ON VIEW v IS 'it''s';`,
    );
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ differences: [], rows: 11, tables: 2 });
    expect(await sql("SELECT last_value FROM s", "rich again")).toBe("2");
  }, 240_000);

  it("a tablespace that the server does not have any more", async () => {
    await lab.primary.bash("mkdir /var/lib/postgresql/primary/fast");
    await sql("CREATE TABLESPACE \"fast disk\" LOCATION '/var/lib/postgresql/primary/fast'");
    await sql("CREATE DATABASE spaced");
    await sql(`CREATE TABLE t (n) TABLESPACE "fast disk" AS SELECT 1`, "spaced");
    await lab.dump("spaced");
    await sql("DROP DATABASE spaced");
    await sql(`DROP TABLESPACE "fast disk"`);
    const { result, error } = await lab.laterbase("restore-dump", "spaced", "--as", "spaced");
    expect(error).toBeUndefined();
    expect(result!["notes"]).toEqual([
      'The tablespace "fast disk" is not on this server: everything is in the default one.',
    ]);
  }, 240_000);

  it("a database of another encoding", async () => {
    const { result, error } = await roundTrip(
      "latin",
      "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
      'CREATE TABLE "tä" AS SELECT \'ö\' AS "ü"',
    );
    expect(error).toBeUndefined();
    expect(result!["differences"]).toEqual([]);
    expect(await sql("SHOW server_encoding", "latin again")).toBe("LATIN1");
  }, 240_000);

  it.each([
    // Bytes without a meaning, and a character that UTF-8 does not have: nothing can convert them.
    ["SQL_ASCII", "\\x53e36f8180"],
    ["WIN1252", "\\x53e36f81"],
    ["LATIN1", "\\x53e36f81"],
  ])(
    "every byte of a table in %s",
    async (encoding, bytes) => {
      const name = encoding;
      const { result, error } = await roundTrip(
        name,
        `ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C'`,
        `SET client_encoding = '${encoding}';
       CREATE TYPE mood AS ENUM ('calm'); CREATE TABLE city (name text, m mood);
       INSERT INTO city VALUES (convert_from('${bytes}', getdatabaseencoding()), 'calm');
       CREATE TABLE town AS SELECT name FROM city; CREATE INDEX ON town (lower(name));`,
      );
      expect(error).toBeUndefined();
      expect(result!["differences"]).toEqual([]);
      const stored = "SELECT convert_to(name, getdatabaseencoding()) FROM city";
      expect(await sql(stored, `${name} again`)).toBe(bytes);
      expect(await sql(stored, name)).toBe(bytes);
      const { tables } = JSON.parse(
        await lab.bash(`cat /backups/${encoding}/*/manifest.json`),
      ) as Manifest;
      const expected = encoding === "SQL_ASCII" ? "copy" : "bytes";
      expect(tables.map(({ algorithm }) => algorithm)).toEqual([expected, expected]);
    },
    240_000,
  );

  it("a cast that nobody may call, and an index over a function that finds nothing", async () => {
    const { result, error } = await roundTrip(
      "offers",
      "",
      `CREATE TYPE price AS (amount numeric, cur text);
       CREATE FUNCTION price_text(price) RETURNS text LANGUAGE sql AS 'SELECT 1 / 0';
       REVOKE EXECUTE ON FUNCTION price_text(price) FROM PUBLIC;
       CREATE CAST (price AS text) WITH FUNCTION price_text(price);
       CREATE TABLE offer AS SELECT n AS id, ROW(n, 'EUR')::price AS p FROM generate_series(1, 100) n;`,
    );
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ differences: [], rows: 100 });
    await sql("CREATE DATABASE people");
    await sql(
      `CREATE EXTENSION unaccent; CREATE TABLE person (name text); INSERT INTO person VALUES ('Zoë');
       CREATE FUNCTION f_unaccent(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT public.unaccent('public.unaccent', t) $$;
       CREATE INDEX ON person (f_unaccent(name));
       CREATE OR REPLACE FUNCTION f_unaccent(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT unaccent('unaccent', t) $$;`,
      "people",
    );
    expect(await lab.dump("people")).toMatchObject({ database: "people" });
  }, 240_000);

  it("a database of another locale provider", async () => {
    const providers = ["LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'"];
    if (major >= 17) providers.push("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'");
    for (const create of major < 15 ? [] : providers) {
      const name = create.slice(16, 19);
      const { error } = await roundTrip(name, create, "CREATE TABLE t AS SELECT 1 AS n");
      expect(error).toBeUndefined();
      const locale = (database: string) =>
        sql(
          `SELECT datlocprovider, datlocale, datcollate, datctype FROM pg_database WHERE datname = '${database}'`,
        );
      expect(await locale(`${name} again`)).toBe(await locale(name));
    }
  }, 240_000);

  it("an empty database", async () => {
    const { result, error } = await roundTrip("empty", "", "SELECT 1");
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ tables: 0, rows: 0, largeObjects: 0, differences: [] });
  }, 240_000);

  it("a database with the name of a connection string", async () => {
    await roundTrip("dbname=app host=nowhere", "", "CREATE TABLE t AS SELECT 1 AS n");
    expect(await sql("SELECT n FROM t", "dbname=app host=nowhere again")).toBe("1");
  }, 240_000);
});
