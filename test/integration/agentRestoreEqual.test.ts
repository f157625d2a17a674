import { databaseCatalog, settingCatalog } from "../../scripts/agent/dump/databaseCatalog";
import { RestoreLab } from "../support/agentRestoreLab";
import { cases } from "../support/cases";
import { propertiesOf, rightsOf } from "../support/catalogOf";

/** What comes back equal, as the catalogs say, which the product does not compare itself. */
describe.each(cases([17], [13, 15]))("a restore on PostgreSQL %s gives back", (major) => {
  const lab = new RestoreLab(major);
  const sql = (query: string, database = "postgres") => lab.primary.sql(query, database);
  beforeAll(() => lab.open(), 600_000);
  afterAll(() => lab.close(), 600_000);

  async function restored(name: string, ...words: string[]) {
    await lab.dump(name);
    const { result, error } = await lab.laterbase(
      ...["restore-dump", name, "--as", `${name}2`, ...words],
    );
    expect(error).toBeUndefined();
    expect(result!["differences"]).toEqual([]);
    return result!;
  }

  it("every column of pg_database and pg_db_role_setting, or the dump says why not", async () => {
    const columns = async (table: string): Promise<string[]> =>
      JSON.parse(
        await sql(
          `SELECT json_agg(attname) FROM pg_attribute WHERE attrelid = '${table}'::regclass
            AND (attnum > 0 OR attname = 'oid') AND NOT attisdropped`,
        ),
      );
    expect(Object.keys(databaseCatalog)).toEqual(
      expect.arrayContaining(await columns("pg_database")),
    );
    expect(Object.keys(settingCatalog)).toEqual(
      expect.arrayContaining(await columns("pg_db_role_setting")),
    );
  });

  it("every right: of PUBLIC and of a role that is named PUBLIC, with grantors and defaults", async () => {
    await sql(`CREATE ROLE "PUBLIC"; CREATE ROLE alice; CREATE ROLE bob; CREATE ROLE "a TO b";
      CREATE ROLE "new
line"`);
    await sql("CREATE DATABASE rights OWNER alice");
    await sql(
      `REVOKE TEMPORARY ON DATABASE rights FROM PUBLIC; GRANT CREATE ON DATABASE rights TO PUBLIC;
       GRANT CONNECT ON DATABASE rights TO bob WITH GRANT OPTION;
       SET ROLE bob; GRANT CONNECT ON DATABASE rights TO "PUBLIC", "a TO b"; RESET ROLE;
       CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;
       CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'x'); CREATE USER MAPPING FOR alice SERVER s;
       GRANT USAGE ON FOREIGN SERVER s TO PUBLIC; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO bob WITH GRANT OPTION;
       CREATE SCHEMA sc AUTHORIZATION alice; GRANT USAGE ON SCHEMA sc TO PUBLIC; GRANT CREATE ON SCHEMA sc TO bob WITH GRANT OPTION;
       SET ROLE bob; GRANT CREATE ON SCHEMA sc TO "a TO b"; RESET ROLE;
       REVOKE ALL ON SCHEMA public FROM PUBLIC;
       CREATE TABLE sc.t (a int, b text); ALTER TABLE sc.t OWNER TO alice;
       GRANT SELECT (a) ON sc.t TO PUBLIC; GRANT UPDATE (b) ON sc.t TO bob WITH GRANT OPTION;
       SET SESSION AUTHORIZATION bob; GRANT UPDATE (b) ON sc.t TO "PUBLIC"; RESET SESSION AUTHORIZATION;
       GRANT SELECT ON sc.t TO "new
line"; REVOKE ALL ON sc.t FROM alice;
       CREATE FUNCTION sc.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION sc.f() FROM PUBLIC;
       CREATE PROCEDURE sc.p() LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON PROCEDURE sc.p() TO bob;
       REVOKE EXECUTE ON FUNCTION pg_sleep(float8) FROM PUBLIC; GRANT EXECUTE ON FUNCTION pg_sleep(float8) TO bob;
       REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC; GRANT USAGE ON LANGUAGE plpgsql TO bob;
       CREATE TYPE sc.mood AS ENUM ('a'); REVOKE USAGE ON TYPE sc.mood FROM PUBLIC; CREATE DOMAIN sc.d AS int; GRANT USAGE ON DOMAIN sc.d TO bob;
       CREATE SEQUENCE sc.q; GRANT USAGE ON SEQUENCE sc.q TO PUBLIC;
       CREATE VIEW sc.v AS SELECT 1 AS n; REVOKE ALL ON sc.v FROM postgres; GRANT SELECT ON sc.v TO PUBLIC;
       CREATE POLICY p ON sc.t AS RESTRICTIVE FOR SELECT TO "PUBLIC", "a TO b" USING (b = ' TO nobody');
       SELECT lo_create(1), lo_create(2), lo_create(3); ALTER LARGE OBJECT 1 OWNER TO alice;
       GRANT SELECT ON LARGE OBJECT 1 TO bob WITH GRANT OPTION; GRANT UPDATE ON LARGE OBJECT 2 TO PUBLIC;
       SET ROLE bob; GRANT SELECT ON LARGE OBJECT 1 TO "PUBLIC"; RESET ROLE;
       ALTER DEFAULT PRIVILEGES FOR ROLE alice REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
       ALTER DEFAULT PRIVILEGES FOR ROLE alice IN SCHEMA sc GRANT SELECT ON TABLES TO bob WITH GRANT OPTION;
       ALTER DEFAULT PRIVILEGES FOR ROLE alice IN SCHEMA sc GRANT ALL ON SEQUENCES TO PUBLIC;
       ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO "PUBLIC";`,
      "rights",
    );
    const { createdRoles } = await restored("rights", "--create-roles");
    expect(createdRoles).toEqual([]);
    const rights = async (database: string) => JSON.parse(await sql(rightsOf, database));
    const before = await rights("rights");
    expect(before.length).toBeGreaterThan(50);
    expect(await rights("rights2")).toEqual(before);
    const policy = "SELECT roles FROM pg_policies";
    expect(await sql(policy, "rights2")).toBe(await sql(policy, "rights"));
    const mappings =
      "SELECT json_agg(json_build_array(usename, srvname) ORDER BY usename) FROM pg_user_mappings";
    expect(await sql(mappings, "rights2")).toBe(await sql(mappings, "rights"));
  }, 600_000);

  it("rows that depend on the database's settings, and all its properties", async () => {
    await lab.primary.bash("mkdir /var/lib/postgresql/primary/fast");
    await sql("CREATE TABLESPACE fast LOCATION '/var/lib/postgresql/primary/fast'");
    const icu = major < 15 ? "" : `LOCALE_PROVIDER icu ICU_LOCALE 'und'`;
    const rules = major < 16 ? "" : `ICU_RULES '&b < a'`;
    await sql(
      `CREATE DATABASE settings TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'en_US.utf8' ${icu} ${rules} TABLESPACE fast CONNECTION LIMIT 7 IS_TEMPLATE true`,
    );
    const set = {
      ...{ TimeZone: "Pacific/Auckland", DateStyle: "German", IntervalStyle: "sql_standard" },
      ...{ lc_monetary: "de_DE.utf8", lc_time: "fr_FR.utf8", extra_float_digits: "-3" },
      ...{ default_text_search_config: "german", bytea_output: "escape", xmlbinary: "hex" },
      ...{ array_nulls: "off", standard_conforming_strings: "off" },
      ...{ default_transaction_isolation: "serializable", search_path: `"My ""S""", public` },
      ...{ session_preload_libraries: "nowhere", local_preload_libraries: "nowhere" },
    };
    const owner = "CREATE ROLE keeper";
    await sql(owner);
    await sql(`ALTER ROLE keeper IN DATABASE settings SET TimeZone TO 'Asia/Tokyo'`);
    await sql(`ALTER DATABASE settings OWNER TO keeper`);
    for (const [name, value] of Object.entries(set).slice(0, 9)) {
      await sql(`ALTER DATABASE settings SET ${name} TO '${value}'`);
    }
    await sql(
      `CREATE SCHEMA "My ""S"""; CREATE TABLE t (at timestamptz, price money, f float8, s interval, txt text, ids int[]);
       INSERT INTO t VALUES ('2026-01-01 12:00:00+00', '1.234,56 €', 1.0 / 3, '-1 day +2 hours', 'Häuser laufen', ARRAY[1, NULL]);
       ALTER TABLE t OWNER TO keeper;
       CREATE FUNCTION day(timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT $1::date';
       CREATE FUNCTION said(float8, interval) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1 || '' '' || $2';
       CREATE TABLE g (at timestamptz, f float8, s interval, day date GENERATED ALWAYS AS (public.day(at)) STORED,
                       said text GENERATED ALWAYS AS (public.said(f, s)) STORED);
       INSERT INTO g SELECT at, f, s FROM t; ALTER TABLE g OWNER TO keeper;
       CREATE MATERIALIZED VIEW m AS SELECT at::date AS day, at::text AS at, price::text AS price, f::text AS f, s::text AS s,
              to_tsvector(txt)::text AS words, to_char(at, 'TMMonth') AS month FROM t;
       CREATE MATERIALIZED VIEW own AS SELECT at::date AS day FROM t; ALTER MATERIALIZED VIEW own OWNER TO keeper;
       CREATE SEQUENCE q INCREMENT -3 MAXVALUE 10 MINVALUE -100; SELECT nextval('q'), nextval('q'), nextval('q');
       CREATE SEQUENCE fresh START 77; CREATE SEQUENCE moved; SELECT setval('moved', 9000000000, false);
       CREATE TABLE ids (id bigint GENERATED ALWAYS AS IDENTITY); INSERT INTO ids DEFAULT VALUES;`,
      "settings",
    );
    await sql(`CREATE MATERIALIZED VIEW never AS SELECT 1 AS n WITH NO DATA`, "settings");
    const contents = `SELECT json_build_array((SELECT json_agg(m) FROM m), (SELECT json_agg(own) FROM own), (SELECT json_agg(t) FROM t), (SELECT json_agg(g) FROM g),
      (SELECT json_build_array(last_value, is_called) FROM q), (SELECT json_build_array(last_value, is_called) FROM fresh q), (SELECT json_build_array(last_value, is_called) FROM moved q), (SELECT json_build_array(last_value, is_called) FROM ids_id_seq q))`;
    const wanted = await sql(contents, "settings");
    for (const [name, value] of Object.entries(set).slice(9)) {
      const words = name === "search_path" ? value : `'${value}'`;
      await sql(`ALTER DATABASE settings SET ${name} TO ${words}`);
    }
    // With a library that is not there, nobody can log in, and nothing can be dumped.
    await sql("ALTER DATABASE settings RESET session_preload_libraries");
    await sql("ALTER DATABASE settings RESET local_preload_libraries");
    await sql("ALTER ROLE keeper IN DATABASE settings SET session_preload_libraries TO 'nowhere'");
    await sql(
      `SET temp_tablespaces TO DEFAULT; SELECT set_config('local_preload_libraries', '', false), set_config('temp_tablespaces', '', false);
       ALTER DATABASE settings SET local_preload_libraries FROM CURRENT; ALTER DATABASE settings SET temp_tablespaces FROM CURRENT`,
    );
    const result = await restored("settings");
    expect(result["views"]).toEqual({ compared: 1, other: [], notCompared: ["public.own"] });
    expect(result["sequences"]).toBe(4);
    expect(result["notes"]).toEqual([
      "These materialized views were not compared, because a sum of their rows could run code of their owners, or a row is too large for it: public.own.",
      'The database is a template, as the dumped one is: ALTER DATABASE "settings2" IS_TEMPLATE false must come before DROP DATABASE.',
    ]);
    expect(await sql(propertiesOf, "settings2")).toBe(await sql(propertiesOf, "settings"));
    expect(await sql(`SET search_path = public; ${contents}`, "settings2")).toBe(wanted);
  }, 600_000);

  it("the schema public with its owner and comment, or none", async () => {
    await sql("CREATE ROLE landlord; CREATE ROLE lodger");
    await sql("CREATE DATABASE owned");
    await sql(
      `GRANT CREATE ON SCHEMA public TO lodger; ALTER SCHEMA public OWNER TO landlord;
       COMMENT ON SCHEMA public IS 'it''s ours'; CREATE TABLE t AS SELECT 1 AS n; ALTER TABLE t OWNER TO lodger`,
      "owned",
    );
    await sql("CREATE DATABASE bare");
    await sql("DROP SCHEMA public; CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 1 AS n", "bare");
    const schemas = `SELECT json_agg(json_build_array(nspname, nspowner::regrole, nspacl, obj_description(oid)) ORDER BY nspname)
       FROM pg_namespace WHERE nspname !~ '^pg_'`;
    for (const name of ["owned", "bare"]) {
      await restored(name);
      expect(await sql(schemas, `${name}2`)).toBe(await sql(schemas, name));
    }
    expect(await sql(schemas, "bare")).not.toContain("public");
  }, 600_000);

  it("what the server sets for all databases, although it has another setting by now", async () => {
    await sql("ALTER SYSTEM SET lc_monetary = 'de_DE.utf8'");
    await sql("ALTER SYSTEM SET TimeZone = 'Pacific/Auckland'");
    await sql("ALTER ROLE ALL SET work_mem TO '5MB'");
    await sql("SELECT pg_reload_conf()");
    await sql("CREATE DATABASE served");
    await sql(
      `CREATE TABLE t AS SELECT '1.234,56 €'::money AS price, '2026-01-01 12:00:00+00'::timestamptz AS at;
       CREATE MATERIALIZED VIEW m AS SELECT at::date AS day FROM t`,
      "served",
    );
    const { id } = await lab.dump("served");
    expect(await lab.bash(`tail -n 1 '/backups/${id}/globals.sql'`)).toBe(
      `ALTER ROLE ALL SET "work_mem" TO '5MB';`,
    );
    for (const name of ["lc_monetary", "TimeZone"]) await sql(`ALTER SYSTEM RESET ${name}`);
    await sql("ALTER ROLE ALL RESET work_mem");
    await sql("SELECT pg_reload_conf()");
    const { result, error } = await lab.laterbase("restore-dump", id, "--as", "served2");
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ differences: [], views: { compared: 1, other: [] } });
    expect(await sql("SELECT price::numeric, day FROM t, m", "served2")).toBe("1234.56|2026-01-02");
  }, 600_000);

  it("no materialized view that was stale, and says so", async () => {
    await sql("CREATE DATABASE stale");
    await sql(
      `CREATE TABLE t AS SELECT 1 AS n; CREATE MATERIALIZED VIEW m AS SELECT n FROM t;
       CREATE MATERIALIZED VIEW same AS SELECT 1 AS n; INSERT INTO t VALUES (2)`,
      "stale",
    );
    const result = await restored("stale");
    expect(result["views"]).toEqual({
      ...{ compared: 2, other: ["public.m (2 rows instead of 1)"], notCompared: [] },
    });
    expect(result["notes"].join("\n")).toMatch(/other rows than when they were dumped: public\.m/);
  }, 600_000);
});
