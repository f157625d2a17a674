import { readdirSync, readFileSync } from "node:fs";
import { type Finding, readReport, type Report, stepScript } from "../../scripts/primary";
import { controlParameters } from "../../contract/pgControl";
import { imageExtensions, imageLibraries } from "../../scripts/primary/imageFacts";
import { imageLocales } from "../../scripts/primary/imageLocales";
import type { StepValues } from "../../scripts/primary/settings";
import { until } from "../support/process";
import { dataDirectory, Stranger } from "../support/primaryServer";
import { Steps } from "../support/primarySteps";

// Every finding of the preflight, provoked once on a real server. Where only another build or system has it
// (a Mac, Windows, other block sizes, a newer minor), the script is edited to find that. What this
// does not prove: the findings of ownership, connections and a restart (primaryRefusals does).
jest.setTimeout(600_000);

const elsewhere = ["version", "too-old", "restart", "command-line", "role", "slot", "plpgsql"];
const reported = new Set([...elsewhere, "hba", "superuser"]);

/** Checks a server through its socket, and returns the report for programs. */
async function look(
  server: Stranger,
  values: StepValues = {},
  edit = (script: string) => script,
): Promise<Report> {
  const steps = new Steps(server);
  const settings = { ...steps.settings, host: "/tmp" };
  const script = stepScript("preflight", settings, { ...steps.values, ...values, report: true });
  const ran = await server.script(edit(script), "apply");
  if (ran.code !== 0) throw new Error(`${ran.stdout}${ran.stderr}`);
  const report = readReport(ran.stdout);
  for (const { id } of report.findings) reported.add(id);
  return report;
}

const named = ({ findings }: Report, id: string): Finding[] =>
  findings.filter((one) => one.id === id);

const reload = (server: Stranger, name: string, value: string | undefined) =>
  server.sql(
    `${value === undefined ? `alter system reset ${name}` : `alter system set ${name} = '${value}'`};
     select pg_reload_conf(); select pg_sleep(0.2)`,
  );

const servers = [
  new Stranger(13, { conf: ["archive_mode = on", "shared_preload_libraries = 'auto_explain'"] }),
  new Stranger(17, { conf: ["listen_addresses = '127.0.0.1'"] }),
] as const;

beforeAll(() => Promise.all(servers.map((server) => server.start())), 600_000);
afterAll(() => Promise.all(servers.map((server) => server.stop())), 600_000);

describe("PostgreSQL 13", () => {
  const [server] = servers;
  const version = (text: string) => (script: string) =>
    script.replaceAll("version()", `'PostgreSQL 13.16${text}'::text`);

  it("is told of settings that hurt, each with what it means and what to do", async () => {
    await reload(server, "full_page_writes", "off");
    await reload(server, "synchronous_standby_names", "FIRST 1 (other, standby)");
    const report = await look(server);
    expect(report.server).toMatchObject({ version: expect.stringMatching(/^13\./), databases: 1 });
    const [first, second] = [...named(report, "fsync"), ...named(report, "full_page_writes")];
    expect([first?.level, second?.level]).toEqual(["warn", "warn"]);
    expect(second?.todo).toBe("ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf();");
    expect(named(report, "synchronous")[0]?.finding).toBe(
      'synchronous_standby_names is "FIRST 1 (other, standby)" and counts "standby" in',
    );
    await reload(server, "full_page_writes", undefined);
    await reload(server, "synchronous_standby_names", undefined);
    const calm = await look(server);
    expect([...named(calm, "full_page_writes"), ...named(calm, "synchronous")]).toEqual([]);
  });

  it("is told of an archive_command that is missing, that fails, and that works", async () => {
    const told = async () => named(await look(server), "archive");
    expect((await told())[0]?.finding).toBe("archive_mode is on without an archive_command");
    await reload(server, "archive_command", "false");
    await server.sql("select pg_switch_wal()");
    const failed = "select failed_count > 0 from pg_stat_archiver";
    await until("archiving fails", async () => (await server.sql(failed)) === "t");
    expect((await told())[0]).toMatchObject({
      level: "warn",
      finding: expect.stringMatching(
        /^archive_command fails since \d{4}-.* UTC \(\d+ times in all/,
      ),
    });
    await reload(server, "archive_command", "true");
    // The archiver sleeps a minute after a failure, unless a segment is finished meanwhile.
    await server.sql("select pg_logical_emit_message(false, '', ''), pg_switch_wal()");
    const works = "select last_archived_time > last_failed_time from pg_stat_archiver";
    await until("archiving works", async () => (await server.sql(works)) === "t");
    expect(await told()).toEqual([
      expect.objectContaining({ level: "note", finding: "archive_mode is on" }),
    ]);
  });

  it("is told how much slotRetention its disk allows", async () => {
    const much = named(await look(server, { size: "900TB" }), "disk");
    expect(much[0]).toMatchObject({
      level: "warn",
      finding: expect.stringMatching(/are free where pg_wal is, and slotRetention is 900TB$/),
      todo: expect.stringMatching(/^Set laterbase:primary.slotRetention to \d+(MB|GB) or less/),
    });
    const little = named(await look(server, { size: "256MB" }), "disk");
    expect(little[0]).toMatchObject({
      level: "note",
      todo: expect.stringMatching(/^Nothing; up to \d+(MB|GB) would leave half of it free\.$/),
    });
  });

  it("gets a warning about a network that is not private without ssl", async () => {
    const open = await look(server, { allowFrom: ["10.0.0.0/8", "203.0.113.0/24", "samenet"] });
    expect(named(open, "ssl")[0]?.finding).toBe(
      "ssl is off, and standbys may connect from 203.0.113.0/24, which is not private",
    );
    expect(named(await look(server, { allowFrom: ["10.0.0.0/8", "fd00::/8"] }), "ssl")).toEqual([]);
  });

  it("gets warnings about md5 passwords, other encodings, and databases that nobody can connect to", async () => {
    await server.sql("set password_encryption = md5; create role ancient login password 'x'");
    await server.sql(`create database "sea'l\\ed"`);
    await server.sql("create database latin template template0 encoding latin1 locale 'C'");
    const before = await server.readHba();
    await server.writeHba(`local "sea'l\\ed" all reject\n${before}`);
    await server.sql("select pg_reload_conf(); select pg_sleep(0.2)");
    const report = await look(server);
    expect(named(report, "md5")[0]?.finding).toBe(
      '1 of the roles that log in have md5 passwords ("ancient")',
    );
    expect(named(report, "encoding")[0]?.finding).toBe('"latin" (LATIN1): not encoded in UTF8');
    expect(named(report, "unseen")[0]?.finding).toMatch(
      /^Database "sea'l\\ed" could not be checked \(The primary at the socket in \/tmp has no pg_hba/,
    );
    await server.writeHba(before);
    await server.sql("select pg_reload_conf(); select pg_sleep(0.2)");
    expect(named(await look(server), "unseen")).toEqual([]);
  });

  it("gets warnings about extensions that the image lacks, by database, and about amcheck when it lacks that", async () => {
    const folder = "/usr/share/postgresql/13/extension";
    await server.bash(
      `printf "default_version = '1'\\n" >${folder}/strange.control; : >${folder}/strange--1.sql
       mv ${folder}/amcheck.control ${folder}/amcheck.away`,
      { user: "root" },
    );
    await server.sql("create extension strange; create table t (name text unique)");
    const report = await look(server);
    expect(named(report, "extension")[0]?.finding).toBe(
      'Extension "strange" (in "postgres") is not in the standby\'s image',
    );
    expect(named(report, "amcheck")[0]?.level).toBe("warn");
    const [order] = named(report, "order");
    expect(order?.finding).toMatch(
      /^Text is sorted as C\.UTF-8 by the C library, version 2\.31: \d+ index(es)? in \d database/,
    );
    expect(named(await look(server, { managed: true }), "order")).toEqual([]);
    await server.bash(`mv ${folder}/amcheck.away ${folder}/amcheck.control`, { user: "root" });
    await server.sql("drop extension strange; drop table t");
  });

  it("gets the notes", async () => {
    const report = await look(server);
    expect(named(report, "minimum-settings")[0]?.finding).toContain("max_connections = 100, ");
    expect(named(report, "checksums")[0]?.level).toBe("note");
    expect(named(report, "libraries")[0]?.finding).toBe(
      'shared_preload_libraries is "auto_explain"',
    );
  });

  it("gets a warning about a minor release with damage that a later one ended", async () => {
    const report = await look(server, {}, (script) => script.replace("(13, 14,", "(13, 99,"));
    expect(named(report, "minor")[0]?.finding).toMatch(/^PostgreSQL 13\.\d+ is older than 13\.99$/);
    expect(named(await look(server), "minor")).toEqual([]);
  });

  it("gets a note that it is a Mac, by its build or by its data directory", async () => {
    const built = await look(server, {}, version(" on x86_64-apple-darwin, compiled by clang"));
    expect(named(built, "mac")[0]).toMatchObject({
      level: "note",
      finding: "The primary is a Mac (x86_64-apple-darwin)",
      todo: expect.stringMatching(/^wal_sync_method is fdatasync, .*System Settings/),
    });
    const placed = await look(server, {}, (script) =>
      script.replaceAll("current_setting('data_directory')", "'/Library/x y'::text"),
    );
    expect(named(placed, "mac")[0]?.finding).toBe("The primary is a Mac");
  });

  it("gets the lines for pg_hba.conf on Windows, where Laterbase cannot write them", async () => {
    const report = await look(server, {}, version(", compiled by Visual C++ build 1914, 64-bit"));
    const [windows] = named(report, "windows");
    expect(windows?.todo.split("\n").slice(1)).toEqual([
      "# BEGIN laterbase laterbase/test#0a1b2c3d",
      "host    replication    laterbase_test    samenet    scram-sha-256",
      "host    replication    laterbase_test    192.168.7.0/24    scram-sha-256",
      "host    replication    laterbase_test    fd00::/8    scram-sha-256",
      "host    all    laterbase_test    all    reject",
      "# END laterbase laterbase/test#0a1b2c3d",
    ]);
  });

  it("is refused when it was built otherwise", async () => {
    const report = await look(server, {}, (script) =>
      script.replace('"database_block_size":8192', '"database_block_size":32768'),
    );
    expect(named(report, "build")).toEqual([
      expect.objectContaining({
        level: "block",
        finding:
          "The server was built with database_block_size = 8192, and the standby's image with 32768: a standby cannot read such data.",
      }),
    ]);
  });

  it("is refused with a tablespace that the configuration does not name, or names wrongly", async () => {
    await server.bash("mkdir /var/lib/postgresql/fast");
    await server.sql("create tablespace fast location '/var/lib/postgresql/fast'");
    const told = async (tablespaces: Record<string, string>) =>
      named(await look(server, { tablespaces }), "tablespace").map(({ finding }) => finding);
    expect(await told({})).toEqual([
      'Tablespace "fast" is in /var/lib/postgresql/fast: name it in laterbase:primary.tablespaces, such as { fast: /var/lib/postgresql/fast }, so that the standby keeps its files elsewhere.',
    ]);
    expect(await told({ fast: "/srv/fast" })).toEqual([
      'Tablespace "fast" is in /var/lib/postgresql/fast, but laterbase:primary.tablespaces says /srv/fast: put it right there.',
    ]);
    expect(await told({ fast: "/var/lib/postgresql/fast" })).toEqual([]);
    await server.sql("drop tablespace fast");
  });

  it("is refused when it lacks a database that the configuration names", async () => {
    const databases = {
      postgres: "laterbase:primary.databases",
      "Resolve%Projects": "laterbase:primary.databases",
      'o"dd': "laterbase:dumps.databases",
    };
    const all = '"latin", "postgres", "sea\'l\\ed"';
    expect(
      named(await look(server, { databases }), "database").map(({ finding }) => finding),
    ).toEqual([
      `laterbase:dumps.databases names "o"dd", which /tmp:5432 does not have; it has ${all}.`,
      `laterbase:primary.databases names "Resolve%Projects", which /tmp:5432 does not have; it has ${all}.`,
    ]);
  });

  it("is refused with a file in the data directory that its own user cannot read", async () => {
    const data = `cd '${dataDirectory}'`;
    await server.bash(
      `${data}; mkdir 'lost+found' 'of others'; touch 'of others/a b'; chmod 0 'of others/a b'; chown root 'of others/a b'
       chown root lost+found; chmod 700 lost+found; mkdir pg_replslot/lost+found; chmod 0 pg_replslot/lost+found`,
      { user: "root" },
    );
    expect(named(await look(server), "unreadable").map(({ finding }) => finding)).toEqual([
      `The server's own user cannot read ./lost+found, ./of others/a b in its data directory, so every copy of it fails: in ${dataDirectory}, give them to that user (chown), or move them elsewhere.`,
    ]);
    await server.bash(
      `${data}; chown postgres lost+found; rm -r 'of others' pg_replslot/lost+found`,
      {
        user: "root",
      },
    );
    expect(named(await look(server), "unreadable")).toEqual([]);
    await server.bash(`${data}; rmdir lost+found`);
  });

  it("is refused with files of others among data with checksums", async () => {
    await server.bash(`cd '${dataDirectory}'; touch .DS_Store base/1/.DS_Store global/._x`);
    const summed = (script: string) =>
      script.replace("current_setting('data_checksums')::boolean", "true");
    expect(
      named(await look(server, {}, summed), "foreign-files").map(({ finding }) => finding),
    ).toEqual([
      `Files of other programs are among the data, and every copy of a server with checksums fails there: in ${dataDirectory}, delete ./base/1/.DS_Store, ./global/._x.`,
    ]);
    expect(named(await look(server), "foreign-files")).toEqual([]);
    await server.bash(`cd '${dataDirectory}'; rm .DS_Store base/1/.DS_Store global/._x`);
  });

  it("is refused with a locale that the image does not know, and warned about that of one database", async () => {
    await server.sql("create database german template template0 locale 'de_DE.UTF-8'");
    expect(named(await look(server), "locale-of-database")).toEqual([]);
    const without = (name: string) => (script: string) => script.replaceAll(`"${name}",`, "");
    expect(named(await look(server, {}, without("de_DE.utf8")), "locale-of-database")).toEqual([
      expect.objectContaining({
        level: "warn",
        finding:
          'Database "german" has the locale "de_DE.UTF-8", which the standby\'s image does not know',
      }),
    ]);
    expect(named(await look(server, {}, without("C.utf8")), "locale")).toEqual([
      expect.objectContaining({
        level: "block",
        finding: expect.stringMatching(
          /^The server was made with the locale "C\.UTF-8", which the standby's image does not know/,
        ),
      }),
    ]);
    await server.sql("drop database german");
  });

  it("gets warnings about libraries of functions and of logins that the image lacks", async () => {
    const folder = "/usr/lib/postgresql/13/lib";
    await server.bash(`cp ${folder}/pgcrypto.so ${folder}/strange.so`, { user: "root" });
    await server.sql(`create function odd(text, text) returns bytea language c as '$libdir/strange', 'pg_digest';
      create function even(text, text) returns bytea language c as '$libdir/pgcrypto', 'pg_digest';
      alter database latin set session_preload_libraries = 'auto_explain,${folder}/strange.so'`);
    const report = await look(server);
    expect(named(report, "library").map(({ finding }) => finding)).toEqual([
      'Functions in "postgres" are in the library "$libdir/strange", which is not in the standby\'s image',
    ]);
    expect(named(report, "preload").map(({ finding }) => finding)).toEqual([
      `Logins to "latin" load "${folder}/strange.so", and the standby's image finds no library by a path`,
    ]);
    await server.sql("drop function odd; drop function even; alter database latin reset all");
  });

  it("is left as it was, and the report for people is in sentences", async () => {
    const steps = new Steps(server);
    const before = await server.snapshot();
    const said = (await steps.must("preflight")).split("\n");
    expect(said[0]).toMatch(/^PostgreSQL 13\.\d+.* is ready for 1 standby\(s\)\.$/);
    expect(said).toContain(
      "Warning: fsync is off. A crash or a power cut of the primary can damage its data beyond repair, and the standby copies the damage. ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();",
    );
    expect(said.filter((line) => !/^(PostgreSQL|Warning:|Note:) /.test(line))).toEqual([]);
    expect(await server.snapshot()).toEqual(before);
  });
});

describe("PostgreSQL 17", () => {
  const [, server] = servers;

  it("gets a warning about a database whose collation has another version", async () => {
    await server.sql("create database old template template0 locale 'en_US.UTF-8'");
    await server.sql("update pg_database set datcollversion = '1.0' where datname = 'old'");
    expect(named(await look(server), "collation-version")[0]).toMatchObject({
      finding: expect.stringMatching(
        /^Database "old" was made with version 1\.0 of its collation, and the server has 2\.\d+ now$/,
      ),
      todo: "REINDEX DATABASE old; then ALTER DATABASE old REFRESH COLLATION VERSION;",
    });
    await server.sql("drop database old");
  });

  it("gets a warning that only its own machine reaches it", async () => {
    expect(named(await look(server), "listen")[0]?.finding).toBe(
      `listen_addresses is "127.0.0.1": only the server's own machine reaches it`,
    );
  });

  it("is refused when it writes WAL of an extension, or forbids ALTER SYSTEM", async () => {
    const managed = await look(server, {}, (script) =>
      script.replace("WHERE NOT rm_builtin", "WHERE rm_id = 10"),
    );
    expect(named(managed, "resource-manager")[0]).toMatchObject({
      level: "block",
      finding: expect.stringMatching(/^The server writes WAL by the extension "Heap"/),
    });
    await server.bash(`echo "allow_alter_system = off" >>"$D/postgresql.conf"`);
    await server.sql("select pg_reload_conf(); select pg_sleep(0.2)");
    expect(named(await look(server), "alter-system")[0]?.finding).toBe(
      "allow_alter_system is off, so max_slot_wal_keep_size cannot be set: put max_slot_wal_keep_size = '10GB' into the server's configuration and reload it, or allow ALTER SYSTEM.",
    );
    await server.bash(`sed -i '$d' "$D/postgresql.conf"`);
    await server.sql("select pg_reload_conf(); select pg_sleep(0.2)");
  });

  it("names a transaction with many savepoints, while a standby has to open", async () => {
    await server.sql("create table t (n int)");
    const savepoints = Array.from(
      { length: 66 },
      (_, i) => `savepoint s${i}; insert into t values (1);`,
    );
    const open = server.sql(`begin; ${savepoints.join(" ")} select pg_sleep(4); commit`);
    const soon = (script: string) => script.replace("interval '10 s'", "interval '1 s'");
    let found: Finding[] = [];
    await until("it is named", async () => {
      found = named(await look(server, {}, soon), "savepoints");
      return found.length > 0;
    });
    expect(found[0]?.finding).toMatch(
      /^Process \d+ of "pöst gres" in database "postgres" has a transaction with 66 savepoints, open for 00:00:0\d, and no standby can open while it runs: wait for its end, or run SELECT pg_terminate_backend\(\d+\);$/,
    );
    await open;
    expect(named(await look(server, {}, soon), "savepoints")).toEqual([]);
    await server.sql("drop table t");
  });

  it("is prepared, checked and left as it was without a database postgres", async () => {
    const steps = new Steps(server);
    steps.settings.host = "/tmp";
    const inTemplate = (text: string) =>
      server.bash(
        `PGPASSFILE=/tmp/pass psql -XqAtw -v ON_ERROR_STOP=1 -h /tmp -U "$U" -d template1 -f -`,
        {
          input: text,
        },
      );
    await inTemplate("drop database postgres");
    const report = await look(server, { pooled: 10, pgAdmin: true, health: true });
    expect(named(report, "postgres")[0]?.finding).toBe(
      'There is no database "postgres" on the primary, where the pooler looks up passwords: run CREATE DATABASE postgres;',
    );
    expect(named(report, "pgadmin")[0]?.level).toBe("warn");
    expect(named(report, "health")[0]?.level).toBe("warn");
    await steps.applyAll();
    await steps.removeAll();
    expect(await inTemplate("select count(*) from pg_roles where rolname ~ 'laterbase'")).toBe(
      "0\n",
    );
    await inTemplate("create database postgres");
  });

  it("is refused when it is a standby itself, where the check can create no table", async () => {
    await server.bash('touch "$D/standby.signal"');
    await server.restart();
    const report = await look(server);
    expect(named(report, "standby")[0]?.level).toBe("block");
    expect(named(report, "disk")).toEqual([]);
    await server.bash('pg_ctl -D "$D" -w promote >/dev/null');
  });
});

it.each([
  [13, servers[0]],
  [17, servers[1]],
])("knows the extensions in the image of %i", async (major, server) => {
  const files = await server.bash(`cd /usr/share/postgresql/${major}/extension; ls *.control`);
  const names = files
    .trim()
    .replace(/\.control$/gm, "")
    .split("\n");
  expect(names.filter((name) => name !== "strange").sort()).toEqual(imageExtensions(major).sort());
});

it.each([
  [13, servers[0]],
  [17, servers[1]],
])("knows the libraries and locales in the image of %i", async (major, server) => {
  const words = async (script: string) => (await server.bash(script)).trim().split("\n");
  const files = await words(`cd /usr/lib/postgresql/${major}/lib; ls *.so | sed 's/\\.so$//'`);
  const own = files.filter((name) => !/_and_|^euc2004|^llvmjit|^strange$/.test(name));
  expect(own.sort()).toEqual(imageLibraries(major).sort());
  const known = new Set(imageLocales());
  const locales = await words("locale -a");
  const strange = locales.filter((name) => !known.has(name) && name !== "C.UTF-8");
  expect(strange).toEqual([]);
});

it.each([
  [13, servers[0]],
  [17, servers[1]],
])("compares every parameter of pg_control of %i", async (_, server) => {
  const fields = await server.sql(
    "select jsonb_object_keys(to_jsonb(i) || to_jsonb(s)) from pg_control_init() i, pg_control_system() s",
  );
  const names = new Set(controlParameters.map(({ name }) => name));
  const compared = fields.split("\n").filter((name) => name !== "pg_control_last_modified");
  expect(compared.filter((name) => !names.has(name))).toEqual([]);
  const lines = new Set(controlParameters.map(({ line }) => line));
  const settings = await server.bash(`pg_controldata "$D" | sed -n 's/^\\(.* setting\\):.*/\\1/p'`);
  expect(
    settings
      .trim()
      .split("\n")
      .filter((line) => !lines.has(line)),
  ).toEqual([]);
});

it("reports every finding that exists", () => {
  const folder = "scripts/primary/sql";
  const text = readdirSync(folder)
    .filter((name) => name.startsWith("preflight"))
    .map((name) => readFileSync(`${folder}/${name}`, "utf8"))
    .join("\n");
  const ids = [...text.matchAll(/SELECT \d+(?: AS rank)?, '([a-z0-9-]+)'/g)];
  const known = new Set([...ids.map(([, id]) => id!), "fsync", "full_page_writes"]);
  expect(known.size).toBeGreaterThan(30);
  expect([...known].filter((id) => !reported.has(id))).toEqual([]);
});
