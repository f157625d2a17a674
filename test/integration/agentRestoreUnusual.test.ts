import type { Manifest } from "../../contract/manifest";
import { RestoreLab } from "../support/agentRestoreLab";
import { cases } from "../support/cases";
import { installOnePlace, spoiltObjects } from "../support/spoiltObjects";

/** Things that real databases hold. */
describe.each(cases([17], [13]))("a restore on PostgreSQL %s of", (major) => {
  const lab = new RestoreLab(major);
  const sql = (query: string, database = "postgres") =>
    lab.primary.sql(query, `dbname='${database}'`);
  beforeAll(() => lab.open(), 600_000);
  afterAll(() => lab.close(), 600_000);

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
  }, 600_000);

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
  }, 600_000);

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
  }, 600_000);

  it("a materialized view of rows that a policy chooses, and an owner who writes our comment", async () => {
    await sql("CREATE ROLE shop");
    const { result, error } = await roundTrip(
      "chosen",
      "OWNER shop",
      `SET ROLE shop; CREATE SCHEMA s;
       CREATE TABLE s.rows AS SELECT n, n % 3 AS tenant FROM generate_series(1, 30) n;
       ALTER TABLE s.rows ENABLE ROW LEVEL SECURITY; ALTER TABLE s.rows FORCE ROW LEVEL SECURITY;
       CREATE POLICY own ON s.rows USING (tenant = 1);
       CREATE MATERIALIZED VIEW s.chosen AS SELECT * FROM s.rows;
       CREATE FUNCTION s.full(int) RETURNS boolean LANGUAGE plpgsql AS
         $$BEGIN IF session_user LIKE '%restore' THEN RAISE 'x' USING ERRCODE = '53100'; END IF; RETURN true; END$$;
       CREATE TABLE s.checked (n int CHECK (s.full(n))); INSERT INTO s.checked VALUES (1);
       RESET ROLE; COMMENT ON DATABASE chosen IS
         'laterbase lab: not finished, being restored from x; the old database is postgres'`,
    );
    expect(error).toBeUndefined();
    expect(result!["leftovers"]).toEqual([]);
    // The owner's error looks like a full disk, and costs the rows that it refuses.
    expect(result!["missing"]).toMatchObject([{ name: "s.checked", code: "53100" }]);
    expect(await sql("SELECT count(*), sum(n) FROM s.chosen", "chosen again")).toBe("10|145");
    expect(await sql("SELECT count(*) FROM s.rows", "chosen again")).toBe("30");
    await sql("ALTER DATABASE chosen OWNER TO postgres");
    await sql('DROP DATABASE "chosen again"');
    const { result: next } = await lab.laterbase("restore-dump", "chosen", "--as", "chosen again");
    expect(next!["leftovers"]).toMatchObject([{ database: "chosen" }]);
    await sql("DROP DATABASE chosen");
  }, 600_000);

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
  }, 600_000);

  it("a database of another encoding, whose name is in that of the server", async () => {
    const { result, error } = await roundTrip(
      "latin é",
      "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
      'CREATE TABLE "tä" AS SELECT \'ö\' AS "ü"',
    );
    expect(error).toBeUndefined();
    expect(result!["differences"]).toEqual([]);
    expect(await sql("SHOW server_encoding", "latin é again")).toBe("LATIN1");
  }, 600_000);

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
  }, 600_000);

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
  }, 600_000);

  it("a superuser's checks, rows and indexes through functions of unqualified names", async () => {
    const { result, error } = await roundTrip(
      "unqualified",
      "",
      `CREATE FUNCTION inner_one(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 > 0; END';
       CREATE FUNCTION outer_one(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN inner_one($1); END';
       CREATE TABLE checked (n int CHECK (outer_one(n))); CREATE INDEX ON checked (outer_one(n));
       INSERT INTO checked VALUES (1), (2);
       CREATE EXTENSION cube; CREATE VIEW compared AS SELECT '1'::cube IS DISTINCT FROM '2'::cube AS d;`,
    );
    expect([error, result!["missing"], result!["differences"]]).toEqual([undefined, [], []]);
    const found = "SELECT count(*) FROM checked, compared, pg_indexes WHERE tablename = 'checked'";
    expect(await sql(found, "unqualified again")).toBe("2");
  }, 600_000);

  it("an empty database", async () => {
    const { result, error } = await roundTrip("empty", "", "SELECT 1");
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ tables: 0, rows: 0, largeObjects: 0, differences: [] });
  }, 600_000);

  it("a database with the name of a connection string", async () => {
    await roundTrip("dbname=app host=nowhere", "", "CREATE TABLE t AS SELECT 1 AS n");
    expect(await sql("SELECT n FROM t", "dbname=app host=nowhere again")).toBe("1");
  }, 600_000);

  describe("objects that cannot be made", () => {
    /** What is missing wherever the database has another name. */
    const elsewhere = [
      ["EXTENSION", "one_place", "0A000"],
      ["VIEW", "app.itself", "42P01"],
      ["TABLE DATA", "app.only_here", "P0001"],
      ["TABLE DATA", "one_place.job", "42P01"],
      ["TABLE DATA", "su.superusers", "42883"],
      ["FK CONSTRAINT", "app.refers refers_n_fkey", "23503"],
    ];
    /** In the database of that name. */
    const here = elsewhere.filter(([, name]) => /itself|superusers/.test(name!));
    const missing = (result: Record<string, any> = { missing: [] }) =>
      (result["missing"] as Record<string, string>[]).map(({ kind, name, code }) => [
        ...[kind, name, code],
      ]);
    let id: string;

    beforeAll(async () => {
      await installOnePlace(lab.primary, major);
      await sql("CREATE ROLE spoiler");
      await sql("CREATE DATABASE spoilt OWNER spoiler");
      await sql(spoiltObjects(major), "spoilt");
      ({ id } = await lab.dump("spoilt"));
    }, 600_000);

    const state = (database: string) =>
      sql(
        `SELECT string_agg(line, E'\n' ORDER BY line) FROM (
           SELECT format('%s %s %s %s', c.oid::regclass, relkind, relowner::regrole,
                         pg_get_viewdef(c.oid)) FROM pg_class c
            WHERE relnamespace = 'app'::regnamespace AND relname !~ 'itself'
           UNION ALL SELECT format('%s %s %s', oid::regprocedure, proowner::regrole, proconfig)
             FROM pg_proc WHERE pronamespace = 'app'::regnamespace
           UNION ALL SELECT format('%s %s %s', conname, convalidated, pg_get_constraintdef(oid))
             FROM pg_constraint WHERE connamespace = 'app'::regnamespace AND conname !~ 'refers'
           UNION ALL SELECT format('%s %s', polname, polrelid::regclass) FROM pg_policy
           UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
           UNION ALL SELECT c::text FROM app.checked c UNION ALL SELECT c::text FROM app.fired c
           UNION ALL SELECT c::text FROM app.cubes c UNION ALL SELECT c::text FROM app.doms c
           UNION ALL SELECT obj_description('app.on_it'::regclass)) AS t(line)`,
        database,
      );

    it("cost those objects: all others are equal, and the SQL is kept beside the dump", async () => {
      const { result, error, exitCode } = await lab.laterbase("restore-dump", id, "--as", "around");
      expect([error, exitCode]).toEqual([undefined, 3]);
      expect(missing(result)).toEqual(elsewhere);
      expect(result!["differences"].sort()).toEqual([
        "app.only_here has 0 rows instead of 2",
        "su.superusers has 0 rows instead of 1",
      ]);
      expect(result!["missing"][2].error).toBe("not here \u001b[2J");
      expect(await state("around")).toBe(await state("spoilt"));
      const file = result!["missingSql"] as string;
      expect(file).toMatch(new RegExp(`^/backups/${id}/not-restored-\\d{8}T\\d{6}Z\\.sql$`));
      const kept = await lab.bash(`cat '${file}'`);
      expect(kept).toContain(
        '-- TABLE DATA app.only_here, owner "spoiler"\n--   P0001: not here \\x1b[2J\n',
      );
      expect(kept).toContain('\nCREATE VIEW "app"."itself" AS\n');
      expect(kept).toContain('ADD CONSTRAINT "refers_n_fkey" FOREIGN KEY');
      await sql("DROP DATABASE around");
    }, 600_000);

    it("end the restore with --strict, which then leaves nothing", async () => {
      const before = await lab.databases();
      const { error, exitCode } = await lab.laterbase("restore-dump", id, "--strict");
      expect(error).toMatch(
        /^pg_restore failed: .*extension in database spoilt; .* was dropped, everything else is as/,
      );
      expect(exitCode).toBe(1);
      expect(await lab.databases()).toEqual(before);
    }, 600_000);

    it("leave the database in place, unless that is accepted", async () => {
      await sql("CREATE TABLE app.newer ()", "spoilt");
      const there = "SELECT to_regclass('app.newer') IS NOT NULL";
      for (const words of [[], ["--name-first"]]) {
        const outcome = await lab.laterbase("restore-dump", id, "--in-place", "--yes", ...words);
        expect([outcome.error, outcome.exitCode]).toEqual([undefined, 3]);
        const { database, notReplaced, replaced, lockedOut } = outcome.result!;
        expect([notReplaced, replaced]).toEqual(["spoilt", undefined]);
        expect(lockedOut === undefined).toBe(words.length === 0);
        expect(missing(outcome.result)).toEqual(words.length === 0 ? elsewhere : here);
        expect(await sql(there, "spoilt")).toBe("t");
        expect(await sql(there, database)).toBe("f");
        await sql(`DROP DATABASE "${database}"`);
      }
      const words = ["--in-place", "--yes", "--name-first", "--accept-missing"];
      const { result, exitCode } = await lab.laterbase("restore-dump", id, ...words);
      expect(exitCode).toBe(3);
      expect(missing(result)).toEqual(here);
      expect(result!["differences"]).toEqual(["su.superusers has 0 rows instead of 1"]);
      expect([await sql(there, "spoilt"), await sql(there, result!["replaced"].kept)]).toEqual([
        ...["f", "t"],
      ]);
      expect(await sql("SELECT n FROM one_place.job", "spoilt")).toBe("1");
      const settings = `SELECT setrole, setconfig FROM pg_db_role_setting
         WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = 'spoilt')`;
      expect(await sql(settings)).toBe('0|{"search_path=app, public, su"}');
    }, 600_000);
  });
});
