import { cases } from "../support/cases";
import { caughtUp, checksum, Lab, type Box } from "../support/imageLab";

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
    };
    primary = await lab.primary({ databases: ["app", "Odd \"na'me é"], init });
    await primary.until("running", 60);
    await lab.prepare(primary);
    standby = await lab.standby();
    await standby.until("running", 60);
  }, 600_000);
  afterAll(() => lab.dispose(), 60_000);

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
