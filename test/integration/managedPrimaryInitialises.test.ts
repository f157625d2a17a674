import { Lab, sleep, type Box } from "../support/imageLab";

describe("the managed primary", () => {
  const lab = new Lab(17);
  beforeAll(() => lab.open(), 600_000);
  afterAll(() => lab.dispose(), 600_000);

  /** Logs in over TCP, which uses SCRAM. */
  async function logsIn(box: Box, password: string): Promise<boolean> {
    const conninfo = `host=127.0.0.1 user=postgres dbname=postgres password=${password}`;
    return (await box.exec("psql", "-XAtc", "SELECT 1", conninfo)).code === 0;
  }

  async function ended(box: Box): Promise<number> {
    for (let i = 0; i < 150; i++, await sleep(200)) {
      const { State } = await box.container.inspect();
      if (!State.Running) return State.ExitCode;
    }
    throw new Error(`${box.name} still runs\n${await box.log()}`);
  }

  it("keeps nothing of an initialisation when a script fails, and names the script", async () => {
    const init = { "01-good.sql": "CREATE TABLE a ()", "02-bad.sql": "SELEC 1;" };
    const broken = await lab.primary({ name: "init", init });
    expect(await ended(broken)).toBe(1);
    expect(await broken.log()).toMatch(/ERROR: {2}syntax error/);
    expect(await broken.log()).toMatch(/failed: init script 02-bad\.sql failed; nothing was kept/);
    await lab.offline(broken, 'test -z "$(ls)"');
    await lab.remove(broken);
    const fixed = await lab.primary({
      name: "init",
      init: { "01-good.sql": "CREATE TABLE a ()" },
    });
    await fixed.until("running");
    expect(await fixed.sql("SELECT count(*) FROM a", "app")).toBe("0");
  }, 600_000);

  it("starts over after a crash half-way", async () => {
    const init = {
      "01.sql": "CREATE TABLE b ()",
      "02.sh": "sleep 3",
      "03.sql": "CREATE TABLE c ()",
    };
    const box = await lab.primary({ name: "crash", init });
    await box.until((status) => status.detail === "running 02.sh");
    // After the next start another process has the number of the killed server: mostly that of the log's reader now.
    const reader = "grep -lxs tee /proc/[0-9]*/comm | tr -dc 0-9";
    await box.bash(`sed -i "1s/.*/$(${reader})/" /run/laterbase/.s.PGSQL.5432.lock`);
    await box.container.kill({ signal: "SIGKILL" });
    await lab.offline(box, "test -d data.new && test ! -e data");
    await box.container.start();
    await box.until("running");
    expect(await box.sql("SELECT count(*) FROM b, c", "app")).toBe("0");
    expect(await box.bash("ls primary")).toBe("data\nsuperuser-password.applied");
  }, 600_000);

  it("stops within seconds during the initialisation", async () => {
    const box = await lab.primary({ name: "stopped", init: { "01.sh": "sleep 60" } });
    await box.until((status) => status.detail === "running 01.sh");
    const begun = Date.now();
    expect(await box.stop()).toBe(0);
    expect(Date.now() - begun).toBeLessThan(10_000);
  }, 600_000);

  it("reads databases and a new password from its files at a start, and logs no secret", async () => {
    const conf = "log_statement = 'all'\nlog_min_duration_statement = 0";
    const first = await lab.primary({ name: "kept", conf, databases: ["one"] });
    await first.until("running");
    const before = lab.secrets.superuser;
    expect([await logsIn(first, before), await logsIn(first, "wrong")]).toEqual([true, false]);
    await first.sql("CREATE TABLE rows AS SELECT 5 AS n", "one");
    expect(await first.stop()).toBe(0);
    await lab.remove(first);

    lab.secrets.superuser = "another-password-of-the-superuser";
    const second = await lab.primary({ name: "kept", conf, databases: ["one", "Two", "drei ü"] });
    await second.until("running");
    expect(await second.sql("SELECT n FROM rows", "one")).toBe("5");
    expect(
      await second.sql("SELECT count(*) FROM pg_database WHERE datname IN ('Two', 'drei ü')"),
    ).toBe("2");
    expect([await logsIn(second, lab.secrets.superuser), await logsIn(second, before)]).toEqual([
      true,
      false,
    ]);
    const log = await second.log();
    expect(log).toContain("password was set from its file");
    expect(log).toContain("CREATE DATABASE"); // statements are logged, so the next line means something
    expect(log).not.toMatch(/SCRAM-SHA-256\$|another-password/);

    // The file sets the password once; a later change survives a restart.
    await second.sql("ALTER ROLE postgres PASSWORD 'set-by-its-owner'");
    for (let start = 0; start < 2; start++) {
      await second.container.restart({ t: 30 });
      await second.until("running");
      expect([
        await logsIn(second, "set-by-its-owner"),
        await logsIn(second, lab.secrets.superuser),
      ]).toEqual([true, false]);
    }
    expect(await second.bash("stat -c '%a %u' primary/superuser-password.applied")).toBe("600 999");
  }, 600_000);

  it("waits while another container uses its volume", async () => {
    const box = await lab.primary({ name: "single" });
    await box.until("running");
    const twin = await lab.twin(box);
    expect((await twin.until("waiting")).detail).toBe(
      "another container is using this data volume",
    );
    await box.stop();
    await twin.until("running");
    expect(await twin.stop()).toBe(0);
  }, 600_000);
});
