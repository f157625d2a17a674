import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RestoreLab } from "../support/agentRestoreLab";
import { cases } from "../support/cases";
import { checksum } from "../support/imageLab";

const library = 'My Library "2024" é';

/** The oldest and a new major: they differ in dump roles, checksums and commands. */
describe.each(cases([17], [13]))("a restore on PostgreSQL %s", (major) => {
  const lab = new RestoreLab(major);
  const sql = (query: string, database?: string) => lab.primary.sql(query, database);
  const properties = (database: string) =>
    sql(`SELECT json_build_array(pg_get_userbyid(datdba), encoding, datcollate, datctype,
           datconnlimit, datacl::text, datallowconn, shobj_description(d.oid, 'pg_database'),
           (SELECT json_agg(json_build_array(setrole::regrole, setconfig) ORDER BY setrole)
              FROM pg_db_role_setting WHERE setdatabase = d.oid))
           FROM pg_database d WHERE datname = '${database.replace(/'/g, "''")}'`);
  beforeAll(() => lab.open(), 600_000);
  afterAll(() => lab.close(), 600_000);

  it("brings back tables, large objects, owners, grants and settings under another name", async () => {
    await sql(`CREATE ROLE "Öwner"`);
    await sql(`CREATE ROLE "it's me"`);
    await sql(`CREATE ROLE passes_on`);
    await sql(
      `CREATE DATABASE "My Library ""2024"" é" OWNER "Öwner" TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'en_US.utf8'`,
    );
    const name = `"My Library ""2024"" é"`;
    await sql(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await sql(`GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO passes_on WITH GRANT OPTION`);
    await sql(`SET ROLE passes_on; GRANT CONNECT ON DATABASE ${name} TO "it's me"`);
    await sql(`ALTER DATABASE ${name} SET search_path TO "$user", "My Schema", public`);
    await sql(`ALTER DATABASE ${name} SET "app.tenant" TO 'it''s "x", y'`);
    await sql(`ALTER ROLE "it's me" IN DATABASE ${name} SET work_mem TO '77MB'`);
    await sql(`ALTER DATABASE ${name} CONNECTION LIMIT 42`);
    await sql(`COMMENT ON DATABASE ${name} IS 'it''s \\ a comment é'`);
    await sql(
      `CREATE SCHEMA "My Schema" AUTHORIZATION "Öwner";
       CREATE TYPE "My Schema".mood AS ENUM ('gut', 'schlecht');
       CREATE TABLE "My Schema"."Tàble ""1""" AS
         SELECT n AS id, md5(n::text) AS "te xt", n::numeric / 7 AS part, now() AS at,
                (ARRAY['gut', 'schlecht'])[1 + n % 2]::"My Schema".mood AS mood,
                int4range(n, n + 5) AS span, jsonb_build_object('n', n) AS j
           FROM generate_series(1, 5000) n;
       ALTER TABLE "My Schema"."Tàble ""1""" OWNER TO "Öwner";
       GRANT SELECT ON "My Schema"."Tàble ""1""" TO "it's me";
       CREATE TABLE parted (n int, t text) PARTITION BY RANGE (n);
       CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
       INSERT INTO parted SELECT n, 'x' FROM generate_series(0, 99) n;
       CREATE UNLOGGED TABLE scratch AS SELECT 1 AS n;
       CREATE TABLE none ();
       CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM parted;
       SELECT lo_from_bytea(4711, decode(repeat('00ff', 5000), 'hex'));
       SELECT lo_from_bytea(4712, '');
       ALTER LARGE OBJECT 4711 OWNER TO "Öwner"; GRANT SELECT ON LARGE OBJECT 4711 TO passes_on;`,
      library,
    );
    // What a restore brings back must not hinder it.
    await sql(`ALTER DATABASE ${name} SET default_transaction_read_only TO on`);
    const dump = await lab.dump(library);
    const { result, error, progress } = await lab.laterbase(
      "restore-dump",
      dump.id,
      "--as",
      "Kopie 'ö' \"x\"",
    );
    expect(error).toBeUndefined();
    expect(result).toMatchObject({
      dump: dump.id,
      source: library,
      database: "Kopie 'ö' \"x\"",
      differences: [],
      largeObjects: 2,
      rows: 5101,
    });
    expect(progress.join("\n")).toMatch(/making the database/);

    expect(await properties(result!["database"])).toBe(await properties(library));
    const contents = async (database: string) => [
      await sql(checksum('"My Schema"."Tàble ""1"""'), database),
      await sql(checksum("parted"), database),
      await sql(
        "SELECT md5(lo_get(4711)), lo_get(4712), lomacl, lomowner::regrole FROM pg_largeobject_metadata WHERE oid = 4711",
        database,
      ),
      await sql("SELECT relacl, relowner::regrole FROM pg_class WHERE relname ~ 'Tàble'", database),
      await sql("SELECT count FROM seen", database),
      await sql("SHOW search_path", database),
      await sql(
        "SELECT reltuples > 0 FROM pg_class WHERE relname = 'parted_1'",
        result!["database"],
      ),
    ];
    expect(await contents(result!["database"])).toEqual(await contents(library));
    if (major < 14) return;
    const compression =
      "SELECT DISTINCT pg_column_compression(data) FROM pg_largeobject WHERE loid = 4711";
    expect(await sql(compression, library)).toBe("pglz");
    expect(await sql(compression, result!["database"])).toBe("lz4");
    // A server where pglz was chosen keeps it.
    await sql("ALTER SYSTEM SET default_toast_compression = 'pglz'");
    await sql("SELECT pg_reload_conf()");
    const kept = await lab.laterbase("restore-dump", dump.id, "--as", "kept");
    await sql("ALTER SYSTEM RESET default_toast_compression");
    await sql("SELECT pg_reload_conf()");
    expect(kept.error).toBeUndefined();
    expect(await sql(compression, "kept")).toBe("pglz");
  }, 600_000);

  it("takes the latest dump of a database, and makes the new name from its name", async () => {
    await sql("CREATE TABLE t AS SELECT 1 AS n", "app");
    await lab.dump("app");
    await sql("INSERT INTO t VALUES (2)", "app");
    await lab.dump("app");
    const { result } = await lab.laterbase("restore-dump", "app");
    expect(result!["database"]).toMatch(/^app_restored_\d{8}_\d{6}$/);
    expect(await sql("SELECT count(*) FROM t", result!["database"])).toBe("2");
    await sql(`DROP DATABASE "${result!["database"]}"`);
  }, 600_000);

  it("refuses a name that exists, and changes nothing", async () => {
    await lab.dump("app");
    const before = await lab.databases();
    const { error } = await lab.laterbase("restore-dump", "app", "--as", "postgres");
    expect(error).toBe(
      'There is a database "postgres" already: give another name with --as, or use --in-place.',
    );
    expect(await lab.databases()).toEqual(before);
  }, 600_000);

  it("names missing roles, and creates them with --create-roles", async () => {
    await sql(`CREATE ROLE "g one"`);
    await sql(`CREATE ROLE grantee`);
    await sql(`CREATE DATABASE owned`);
    await sql(
      `CREATE TABLE t (n int); ALTER TABLE t OWNER TO "g one"; GRANT SELECT ON t TO grantee`,
      "owned",
    );
    await lab.dump("owned");
    await sql(`DROP DATABASE owned`);
    await sql(`DROP ROLE "g one"`);
    await sql(`DROP ROLE grantee`);
    const refused = await lab.laterbase("restore-dump", "owned", "--as", "owned");
    expect(refused.error).toMatch(
      /^The primary lacks roles that the dump names: "g one", "grantee"; /,
    );
    expect(await lab.databases()).not.toContain("owned");
    const made = await lab.laterbase("restore-dump", "owned", "--as", "owned", "--create-roles");
    expect(made.result).toMatchObject({ createdRoles: ["g one", "grantee"], differences: [] });
    expect(await sql(`SELECT rolcanlogin FROM pg_roles WHERE rolname = 'g one'`)).toBe("f");
  }, 600_000);

  it("refuses a damaged dump, and one of another major, before anything is made", async () => {
    const { id } = await lab.dump("app");
    const before = await lab.databases();
    await lab.bash(
      `cd /backups/${id} && cp app.backup /tmp/good && printf x | dd of=app.backup bs=1 seek=900 conv=notrunc 2>/dev/null`,
    );
    const flipped = await lab.laterbase("restore-dump", id);
    expect(flipped.error).toBe(
      `${id} is damaged: the sha256 of app.backup is not the one in its manifest.`,
    );
    expect((await lab.laterbase("verify-dump", id)).error).toBe(flipped.error);
    await lab.bash(`cd /backups/${id} && head -c 900 /tmp/good >app.backup`);
    expect((await lab.laterbase("restore-dump", id)).error).toMatch(
      /is damaged: app.backup has 900 bytes instead of \d+\.$/,
    );
    await lab.bash(`cd /backups/${id} && rm app.backup`);
    expect((await lab.laterbase("restore-dump", id)).error).toMatch(
      /its file app.backup is missing/,
    );
    await lab.bash(`cd /backups/${id} && cp /tmp/good app.backup`);
    expect((await lab.laterbase("verify-dump", id)).result).toMatchObject({
      id,
      database: "app",
      tables: 1,
      rows: 2,
    });

    await lab.bash(
      `cd /backups/${id} && sed -i 's/"version": "[0-9.]*/"version": "12.3/' manifest.json`,
    );
    const changed = `The manifest of ${id} was changed after this stack signed it: the dump is neither verified nor restored. Take another dump.`;
    expect((await lab.laterbase("restore-dump", id, "--yes")).error).toBe(changed);
    expect((await lab.laterbase("verify-dump", id)).error).toBe(changed);
    await lab.bash(`rm /backups/${id}/manifest.sig`);
    expect((await lab.laterbase("restore-dump", id)).error).toBe(
      `This stack did not sign ${id}, and there is no terminal to ask whether you trust it: add --yes if you do.`,
    );
    expect((await lab.laterbase("verify-dump", id)).result).toMatchObject({ signature: "unknown" });
    expect((await lab.laterbase("restore-dump", id, "--yes")).error).toMatch(
      /^The dump was written by PostgreSQL 12 and the primary is \d+: /,
    );
    await lab.bash(`cd /backups/${id} && echo nothing >manifest.json`);
    expect((await lab.laterbase("restore-dump", id)).error).toBe(
      `${id} is not used as a dump: in its manifest.json, it is not JSON.`,
    );
    await lab.bash(`rm /backups/${id}/manifest.json`);
    expect((await lab.laterbase("restore-dump", id)).error).toBe(
      `${id} is not a dump: its manifest.json is missing or cannot be read.`,
    );
    expect(await lab.databases()).toEqual(before);
    await lab.bash(`rm -r "/backups/${id}"`);
  }, 600_000);

  it("says why a folder is not a dump", async () => {
    const { id } = await lab.dump("app");
    await lab.bash(
      `cd /backups/${id} && rm manifest.sig && echo 'not a dump' >app.backup && sum=$(sha256sum <app.backup | cut -c 1-64) &&
       node=/opt/node/bin/node && $node -e 'const fs = require("fs"), m = JSON.parse(fs.readFileSync("manifest.json"));
         Object.assign(m.files.find((f) => f.kind === "dump"), { bytes: 11, sha256: process.argv[1] });
         fs.writeFileSync("manifest.json", JSON.stringify(m))' $sum`,
    );
    const { error } = await lab.laterbase("verify-dump", id);
    expect(error).toMatch(
      /^pg_restore ended with exit code 1: input file (does not appear to be a valid archive|is too short)/,
    );
    expect((await lab.laterbase("restore-dump", id, "--yes")).error).toMatch(
      /app\.backup is not an archive of pg_dump that can be restored\.$/,
    );
    await lab.bash(`rm -r "/backups/${id}"`);
  }, 600_000);

  it("drops a database that differs from the manifest, or keeps it with --keep-different", async () => {
    const { id } = await lab.dump("app");
    const before = await lab.databases();
    await lab.bash(
      `cd /backups/${id} && rm manifest.sig && sed -i 's/"rows": 2,/"rows": 3,/' manifest.json`,
    );
    const { error } = await lab.laterbase("restore-dump", id, "--yes", "--as", "different");
    expect(error).toBe(
      `What was restored is not what the manifest of ${id} says: public.t has 2 rows instead of 3 (--keep-different keeps it under a new name all the same); ` +
        `the half-made database "different" was dropped, everything else is as it was.`,
    );
    expect(await lab.databases()).toEqual(before);
    const words = ["--yes", "--as", "different", "--keep-different"];
    const kept = await lab.laterbase("restore-dump", id, ...words);
    expect(kept.error).toMatch(/differs from the dump; it was kept, as you asked/);
    expect(await lab.databases()).toContain("different");
    await lab.bash(`rm -r "/backups/${id}"`);
  }, 600_000);

  it("restores a dump of another place: a folder with its manifest, or an archive of pg_dump", async () => {
    const here = mkdtempSync(join(tmpdir(), "lbt-file-"));
    try {
      await sql("CREATE ROLE keeper");
      await sql('CREATE ROLE "it\'s me"').catch(() => undefined);
      await sql("CREATE DATABASE elsewhere OWNER keeper TEMPLATE template0 LC_CTYPE 'C'");
      await sql("ALTER DATABASE elsewhere SET work_mem TO '77MB'");
      await sql(`ALTER DATABASE elsewhere SET search_path TO "$user", "My Schema", public`);
      await sql("ALTER ROLE keeper IN DATABASE elsewhere SET \"app.x\" TO 'it''s \\ x'");
      await sql("COMMENT ON DATABASE elsewhere IS 'it''s \\ a comment é'");
      await sql("REVOKE ALL ON DATABASE elsewhere FROM PUBLIC");
      await sql('GRANT CONNECT ON DATABASE elsewhere TO "it\'s me" WITH GRANT OPTION');
      await sql("ALTER DATABASE elsewhere CONNECTION LIMIT 7");
      await sql(
        `CREATE TABLE "Z z" (b text, a int, "A" bytea);
         INSERT INTO "Z z" SELECT E'tab\t' || n || E'\nline \\. "é"', n, decode(md5(n::text), 'hex')
           FROM generate_series(1, 3000) n;
         CREATE TABLE empty (n int); CREATE TABLE none (); INSERT INTO none DEFAULT VALUES;
         CREATE TABLE parted (n int) PARTITION BY RANGE (n);
         CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
         INSERT INTO parted VALUES (1), (2); ALTER TABLE "Z z" OWNER TO keeper;
         SELECT lo_from_bytea(4711, 'x');`,
        "elsewhere",
      );
      const { id } = await lab.dump("elsewhere");
      await lab.fetch(`/backups/${id}`, join(here, "own"));
      const own = await lab.laterbase("restore-dump", "--file", join(here, "own"), "--as", "own");
      expect(own.error).toBeUndefined();
      expect(own.result).toMatchObject({ dump: join(here, "own"), differences: [], rows: 3003 });

      rmSync(join(here, "own/manifest.sig"));
      const words = ["--file", join(here, "own/elsewhere.backup"), "--as", "other"];
      expect((await lab.laterbase("restore-dump", ...words)).error).toMatch(
        /^This stack did not sign .*\/own\/elsewhere\.backup, and there is no terminal to ask/,
      );
      expect((await lab.laterbase("restore-dump", ...words, "--yes")).result).toMatchObject({
        ...{ database: "other", differences: [], rows: 3003 },
      });

      rmSync(join(here, "own/manifest.json"));
      await lab.primary.bash(
        "pg_dump -Fc -h /run/pg/primary -U postgres -f /tmp/plain.dump elsewhere",
      );
      await lab.fetch("/tmp/plain.dump", here, lab.primary.container);
      for (const [file, as] of [
        [join(here, "own"), "bare"],
        [join(here, "plain.dump"), "plain"],
      ] as const) {
        const restored = await lab.laterbase("restore-dump", "--file", file, "--yes", "--as", as);
        expect(restored.error).toBeUndefined();
        expect(restored.result).toMatchObject({
          ...{ dump: file, source: "elsewhere", database: as, differences: [], rows: 3003 },
          ...{ tables: 4, largeObjects: 1 },
          notes: [expect.stringContaining("has no manifest, so the rows were compared")],
          omissions: [],
        });
        expect(await sql(checksum('"Z z"'), as)).toBe(await sql(checksum('"Z z"'), "elsewhere"));
        expect(await properties(as)).toBe(await properties("elsewhere"));
      }
      expect(await lab.bash("ls -A /backups/.partial")).toBe("");
      await writeFile(join(here, "plain.sql"), "CREATE TABLE t ();");
      expect((await lab.laterbase("restore-dump", "--file", join(here, "plain.sql"))).error).toBe(
        `${join(here, "plain.sql")} is not an archive of pg_dump -Fc. If it is plain SQL, psql restores it.`,
      );
    } finally {
      rmSync(here, { recursive: true });
    }
  }, 600_000);

  it("leaves no password behind", async () => {
    expect(await lab.bash("ls /dev/shm /tmp | grep restore- || true")).toBe("");
    const { superuser } = lab.lab.secrets;
    const everywhere = `grep -rlF "${superuser}" /run/laterbase /dev/shm /tmp /backups 2>/dev/null || true`;
    expect(await lab.bash(everywhere)).toBe("");
    expect((await lab.agent.logs({ stdout: true, stderr: true })).toString()).not.toContain(
      superuser,
    );
  }, 600_000);
});
