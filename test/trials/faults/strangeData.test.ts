import { ok } from "../../support/process";
import { Lab } from "../../support/imageLab";
import { Stranger } from "../../support/primaryServer";
import { Steps } from "../../support/primarySteps";

// Standbys of servers whose data are unusual: each works, or stops with a sentence. What this does not prove: the
// preflight's sentences about such servers (test/integration/preflight.test.ts does).
jest.setTimeout(240_000);

const foreign = "mkdir lost+found; chown root:root lost+found; chmod 700 lost+found";

describe.each([
  [13, "--wal-segsize=64 --data-checksums"],
  [15, "--wal-segsize=64"],
  [17, "--wal-segsize=1024"],
])("PostgreSQL %i made with %s", (major, initdb) => {
  const lab = new Lab(major);
  const server = new Stranger(major, { initdb });

  beforeAll(async () => {
    await lab.open();
    await server.start();
    await ok("docker", ["network", "connect", "--alias", "primary", lab.name, server.name]);
    await server.sql(`create role repl replication login password '${lab.secrets.replication}'`);
    const before = await server.readHba();
    await server.writeHba(`host replication repl all scram-sha-256\n${before}`);
    await server.sql("select pg_reload_conf()");
  }, 600_000);
  afterAll(async () => {
    await lab.dispose();
    await server.stop();
  }, 60_000);

  const standbyOf = () => lab.standby({ env: ["SUPERUSER=pöst gres"], volumeMegabytes: 3000 });

  it("gets a standby, also when its volume holds a lost+found", async () => {
    const standby = await standbyOf();
    await standby.until("running", 180);
    expect(
      await standby.bash(
        "psql -XAtqw -h /run/pg/standby -U 'pöst gres' -d template1 -c 'show wal_segment_size'",
      ),
    ).toBe(`${major === 17 ? "1GB" : "64MB"}`);
    await standby.stop();
    const path = "/var/lib/postgresql/standby";
    await ok("docker", [
      ...["run", "--rm", "--user", "0", "--volumes-from", standby.name, "--workdir", path],
      ...["--entrypoint", "bash", server.image, "-c", foreign],
    ]);
    await standby.container.start();
    await standby.until("running", 60);
    await lab.remove(standby);
  });

  if (major === 13) {
    it("stops after three equal failures of a clone, and goes on when it is restarted", async () => {
      const data = "cd '/var/lib/postgresql/my data'";
      await server.bash(`${data}; ${foreign}`, { user: "root" });
      const standby = await lab.standby({ host: "primary", env: ["SUPERUSER=pöst gres"] });
      await standby.until("blocked", 120);
      const { detail } = await standby.status();
      expect(detail).toMatch(
        /^three attempts at a clone ended in the same way: .*lost\+found.*Correct that on the primary \(.* preflight' looks for the cause\), then restart/,
      );
      await server.bash(`${data}; rmdir lost+found; echo x >base/1/.DS_Store`, { user: "root" });
      await standby.container.restart();
      const again = await standby.until("blocked", 120);
      // Before 15, pg_basebackup does not repeat the server's reason: the preflight names the file.
      expect(again.detail).toMatch(/^three attempts at a clone ended in the same way: COPY stream/);
      const steps = new Steps(server);
      expect(await steps.refused("preflight")).toContain("delete ./base/1/.DS_Store.");
      await server.bash(`${data}; rm base/1/.DS_Store`, { user: "root" });
      await standby.container.restart();
      await standby.until("running", 120);
      await lab.remove(standby);
    });
  }
});

describe("a transaction with many savepoints", () => {
  const lab = new Lab(17);
  const server = new Stranger(17);
  const steps = new Steps(server);

  beforeAll(async () => {
    await lab.open();
    await server.start();
    await ok("docker", ["network", "connect", "--alias", "primary", lab.name, server.name]);
    await server.sql(
      `create role repl replication login password '${lab.secrets.replication}'; create table t (n int)`,
    );
    await server.writeHba(`host replication repl all scram-sha-256\n${await server.readHba()}`);
    await server.sql("select pg_reload_conf()");
  }, 600_000);
  afterAll(async () => {
    await lab.dispose();
    await server.stop();
  }, 60_000);

  it("keeps a standby from opening, which says so, and the preflight names it", async () => {
    const savepoints = Array.from(
      { length: 80 },
      (_, i) => `savepoint s${i}; insert into t values (${i});`,
    );
    const open = server.sql(`begin; ${savepoints.join(" ")} select pg_sleep(75); commit`);
    const standby = await lab.standby({ env: ["SUPERUSER=pöst gres"] });
    const { detail } = await standby.until((one) => one.detail.includes("savepoints"), 70);
    expect(detail).toMatch(/^its data is consistent, and it cannot open while a transaction/);
    // The standby streams already, so this is a warning.
    const said = await steps.must("preflight", "apply", { slots: [] });
    expect(said).toMatch(
      /^Warning: Process \d+ of "pöst gres" in database "postgres" has a transaction with 80 savepoints, open for 00:0\d:\d\d\. A standby that starts now, or streams and is not open yet, cannot open while it runs\. Wait for its end, or run SELECT pg_terminate_backend\(\d+\);$/m,
    );
    await open;
    await standby.until("running", 60);
  });
});

describe("a managed primary whose database postgres was dropped", () => {
  const lab = new Lab(17);
  afterAll(() => lab.dispose(), 60_000);

  it("starts again, and creates databases", async () => {
    await lab.open();
    const primary = await lab.primary();
    await primary.until("running");
    await primary.sql("drop database postgres", "template1");
    await primary.container.restart();
    await primary.until("running");
    await primary.sql("drop database app", "template1");
    await primary.container.restart();
    await primary.until("running");
    expect(await primary.sql("select current_database()", "app")).toBe("app");
  });
});
