import { cases } from "../support/cases";
import { caughtUp, checksum, Lab, type Box } from "../support/imageLab";
import { until } from "../support/process";

// The majors that can be built from Debian alone; 14, 16 and 18 need PGDG.
describe.each(cases([17], [13, 15]))("PostgreSQL %i", (major) => {
  const lab = new Lab(major);
  let primary: Box, standby: Box;

  beforeAll(async () => {
    await lab.open();
    const init = {
      "01-tables.sql":
        "CREATE EXTENSION amcheck; CREATE TABLE notes AS SELECT g id, md5(g::text) body FROM generate_series(1, 50000) g",
      "02-more.sh": `psql -qc "INSERT INTO notes VALUES (0, 'Ünïcode ''quoted''')"`,
      "03-latin1.sql": Buffer.from(
        "SET client_encoding = 'LATIN1'; CREATE TABLE city (name text); INSERT INTO city VALUES ('S\xe3o Paulo')",
        "latin1",
      ),
    };
    primary = await lab.primary({ databases: ["app", "Odd \"na'me é"], init });
    await primary.until("running");
    await lab.prepare(primary);
    standby = await lab.standby();
    await standby.until("running");
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  it("runs that major, with checksums and SCRAM, and without trust", async () => {
    expect(await primary.sql("SHOW server_version_num")).toMatch(new RegExp(`^${major}\\d{4}$`));
    expect(await primary.sql("SHOW data_checksums")).toBe("on");
    expect(await primary.sql("SELECT DISTINCT auth_method FROM pg_hba_file_rules ORDER BY 1")).toBe(
      "peer\nscram-sha-256",
    );
    expect(await primary.exec("pgbackrest", "version")).toMatchObject({ code: 0 });
    expect((await primary.exec("locale", "-a")).stdout).toMatch(/^de_DE\.utf8$/m);
  });

  it("creates databases of any name, and runs the init scripts in the first", async () => {
    expect(
      await primary.sql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"),
    ).toBe("Odd \"na'me é\napp\npostgres");
    expect(await primary.sql("SELECT body FROM notes WHERE id = 0", "app")).toBe(
      "Ünïcode 'quoted'",
    );
    expect(await primary.sql("SELECT name FROM city", "app")).toBe("São Paulo");
  });

  it("streams to the standby, with equal checksums", async () => {
    await primary.sql("INSERT INTO notes SELECT g, 'later' FROM generate_series(1, 999) g", "app");
    await caughtUp(primary, standby);
    const [here, there] = await Promise.all(
      [primary, standby].map((box) => box.sql(checksum("notes"), "app")),
    );
    expect(there).toBe(here);
    expect(there).toMatch(/^51000 /);
    const slots = "SELECT slot_name || ' ' || active FROM pg_replication_slots";
    expect(await primary.sql(slots)).toBe(`${lab.slot} true`);
    expect(await primary.sql("SELECT application_name FROM pg_stat_replication")).toBe("standby");
  });

  it("stores the primary's auto.conf under another name, and its own configuration outside the data", async () => {
    const files = await standby.bash(
      "cd /var/lib/postgresql/standby/data && wc -c postgresql.auto.conf*",
    );
    expect(files).toMatch(/^ *0 postgresql\.auto\.conf\n.*postgresql\.auto\.conf\.primary$/m);
    expect(await standby.sql("SHOW config_file")).toBe("/run/laterbase/postgresql.conf");
    expect(await standby.sql("SHOW hba_file")).toBe("/run/laterbase/pg_hba.conf");
    expect(await standby.sql("SHOW primary_conninfo")).not.toMatch(/password/);
  });

  it("shows no secret in inspect, logs, processes or configuration", async () => {
    for (const box of [primary, standby]) {
      const places = [
        JSON.stringify(await box.container.inspect()),
        await box.log(),
        await box.bash(
          "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; true",
        ),
        await box.bash("cat /run/laterbase/* 2>/dev/null; true"),
      ];
      for (const place of places) {
        expect(place).not.toContain(lab.secrets.superuser);
        expect(place).not.toContain(lab.secrets.replication);
      }
    }
  });

  it("logs each refused login with its address, and counts it, whatever is set to hide it", async () => {
    await primary.sql("ALTER SYSTEM SET log_min_messages = panic");
    await primary.sql("ALTER SYSTEM SET log_line_prefix = ''");
    await primary.sql("ALTER SYSTEM SET log_destination = 'csvlog'");
    await primary.sql("SELECT pg_reload_conf()");
    for (const box of [primary, standby]) {
      const refused = async () => (await box.status()).refusedLogins ?? -1;
      const before = await refused();
      const attempt = / client backend 28P01 \d+\.\d+\.\d+\.\d+ /;
      const lines = async () =>
        (await box.log())
          .split("\n")
          .filter((one) => attempt.test(one) && !/DETAIL: {2}/.test(one));
      const linesBefore = (await lines()).length;
      expect(before).toBeGreaterThanOrEqual(0);
      const forged =
        "x\n2026-01-01 00:00:00.000 UTC [1] walreceiver 08006 FATAL:  could not receive data from WAL stream: 000000010000000000000001 ";
      for (const user of ["postgres", "unknown", forged]) {
        const uri = { PGHOST: box.name, PGUSER: user, PGPASSWORD: "wrong", PGDATABASE: "postgres" };
        const env = Object.entries(uri).map(([key, value]) => `${key}=${value}`);
        expect((await primary.exec("env", ...env, "psql", "-Xc", "select 1")).code).toBe(2);
      }
      await until("all are counted", async () => (await refused()) === before + 3);
      expect((await lines()).length).toBeGreaterThanOrEqual(linesBefore + 3);
      expect(
        (await lines()).filter((one) => /FATAL: {2}password auth/.test(one)).length,
      ).toBeGreaterThanOrEqual(2);
    }
    // What decides on the standby are lines of the server itself, not what a client sent.
    expect(await standby.bash("cat /run/laterbase/events")).not.toContain(
      "000000010000000000000001",
    );
    await primary.sql("ALTER SYSTEM RESET ALL");
    await primary.sql("SELECT pg_reload_conf()");
  }, 600_000);

  it("keeps the replication password on the standby from everybody who may not read its files", async () => {
    const file = "/etc/laterbase/pgpass";
    expect(await standby.bash(`stat -c '%a %u' ${file}`)).toBe("400 999");
    // The server itself can read it, so a superuser can.
    expect(await standby.sql(`SELECT pg_read_file('${file}')`)).toContain(lab.secrets.replication);
    const readers = major >= 14 ? "GRANT pg_read_all_data TO dumper, looker;" : "";
    await primary.sql(
      `SET log_statement = none;
       CREATE ROLE plain LOGIN PASSWORD 'p'; CREATE ROLE dumper LOGIN BYPASSRLS PASSWORD 'p';
       CREATE ROLE looker LOGIN PASSWORD 'p'; GRANT pg_monitor TO looker; ${readers}
       CREATE ROLE owner LOGIN PASSWORD 'p'`,
    );
    await primary.sql("CREATE DATABASE owned OWNER owner");
    await primary.sql(
      `CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
       GRANT USAGE ON FOREIGN SERVER files TO owner`,
      "owned",
    );
    await primary.sql(
      `SET ROLE owner; CREATE TABLE own (line text);
       CREATE FUNCTION peek() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN pg_read_file('${file}'); END $$`,
      "owned",
    );
    await caughtUp(primary, standby);
    const ask = (user: string, sql: string, box = standby) =>
      primary.exec(
        ...["env", "PGPASSWORD=p", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1"],
        ...["-h", box.name, "-U", user, "-d", user === "owner" ? "owned" : "postgres", "-c", sql],
      );
    for (const user of ["plain", "dumper", "looker", "owner"]) {
      expect((await ask(user, "SELECT current_user")).stdout.trim()).toBe(user);
      for (const sql of [
        `SELECT pg_read_file('${file}')`,
        `SELECT pg_read_file('../../../../..${file}')`,
        `SELECT pg_read_binary_file('${file}')`,
        `SELECT pg_stat_file('${file}')`,
        "SELECT pg_ls_dir('/etc/laterbase')",
        `SELECT lo_import('${file}')`,
        `COPY (SELECT 1) TO PROGRAM 'cat ${file}'`,
        `CREATE TEMP TABLE t (line text)`,
        ...(user === "owner" ? [`COPY own FROM '${file}'`, "SELECT peek()"] : []),
      ]) {
        const { code, stdout, stderr } = await ask(user, sql);
        expect([user, sql, code, stdout]).toEqual([user, sql, 1, ""]);
        expect(stderr).toMatch(
          /permission denied|read-only transaction|during recovery|must be superuser/,
        );
      }
      // What shows a connection shows no password.
      const shown = await ask(
        user,
        "SELECT conninfo FROM pg_stat_wal_receiver; SELECT name, setting, reset_val FROM pg_settings; SELECT * FROM pg_file_settings",
      );
      expect(shown.stdout + shown.stderr).not.toContain(lab.secrets.replication);
    }
    expect((await ask("looker", "SELECT conninfo FROM pg_stat_wal_receiver")).stdout).toContain(
      "user=repl",
    );
    // The password itself opens no database here: such a connection could copy this server.
    const uri = `host=${standby.name} user=repl dbname=postgres`;
    for (const kind of ["replication=database", "replication=true", ""]) {
      const { code, stderr } = await primary.exec(
        ...["env", `PGPASSWORD=${lab.secrets.replication}`, "psql", "-Xc", "IDENTIFY_SYSTEM"],
        `${uri} ${kind}`,
      );
      expect([kind, code]).toEqual([kind, 2]);
      expect(stderr).toMatch(/pg_hba.conf rejects|no pg_hba.conf entry/);
    }
    // On the primary they write, but not such a file either.
    for (const sql of [
      `COPY own FROM '${file}'`,
      `CREATE FOREIGN TABLE f (line text) SERVER files OPTIONS (filename '${file}')`,
      `CREATE FUNCTION c() RETURNS text LANGUAGE c AS '/etc/laterbase/x'`,
    ]) {
      const { code, stderr } = await ask("owner", sql, primary);
      expect([sql, code]).toEqual([sql, 1]);
      expect(stderr).toMatch(/permission denied|does not exist|superuser/);
    }
  }, 600_000);

  it("does not report the status of an earlier run of the container", async () => {
    const { state } = await standby.status();
    expect(state).toBe("running");
    const started = await standby.bash(
      "cat /run/laterbase/started; echo 1 >/run/laterbase/started",
    );
    expect(await standby.status()).toMatchObject({ state: "unknown", healthy: false });
    await standby.bash(`echo ${started} >/run/laterbase/started`);
    expect(await standby.status()).toMatchObject({ state: "running", healthy: true });
  });

  it("stops cleanly within seconds", async () => {
    for (const box of [standby, primary]) {
      const begun = Date.now();
      expect(await box.stop()).toBe(0);
      expect(Date.now() - begun).toBeLessThan(10_000);
    }
  });
});
