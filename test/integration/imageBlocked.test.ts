import { caughtUp, Lab, type Box } from "../support/imageLab";

// In every case the standby keeps its rows, which may be the last copy.
describe("a standby keeps its data, and is blocked, when the primary has", () => {
  const lab = new Lab(17);
  let primary: Box, standby: Box;

  beforeAll(async () => {
    await lab.open();
    primary = await lab.primary({ init: { "01.sql": "CREATE TABLE t AS SELECT 1 AS n" } });
    await primary.until("running");
    await lab.prepare(primary);
    standby = await lab.standby();
    await standby.until("running");
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  /** The server is stopped, the data is unchanged, and the container neither ends nor restarts. */
  async function isBlocked(sentence: RegExp, seconds = 30): Promise<void> {
    const inode = await standby.bash("stat -c %i standby/data");
    const status = await standby.until("blocked", seconds);
    expect(status.healthy).toBe(false);
    expect(status.detail).toMatch(sentence);
    expect(
      await standby.bash("cd standby; ls; stat -c %i data; test ! -e data/postmaster.pid"),
    ).toBe(`data\n${inode}`);
    const { State, RestartCount } = await standby.container.inspect();
    expect([State.Running, RestartCount]).toEqual([true, 0]);
  }

  async function offline(script: string): Promise<void> {
    await primary.stop();
    await lab.offline(primary, script);
  }

  async function startAgain(): Promise<void> {
    await primary.container.start();
    await primary.until("running");
    await standby.container.restart();
  }

  it("another system identifier, until the right primary is back", async () => {
    await primary.stop();
    const impostor = await lab.primary({ name: "impostor" });
    await impostor.until("running");
    await lab.prepare(impostor);
    const network = lab.network();
    await network.disconnect({ Container: impostor.name });
    await network.connect({ Container: impostor.name, EndpointConfig: { Aliases: ["primary"] } });
    await isBlocked(/^the server at primary:5432 has system identifier \d+, .* another cluster$/);
    await lab.remove(impostor);
    await primary.container.start();
    await standby.until("running");
  }, 600_000);

  it("another major", async () => {
    await standby.stop();
    await lab.remove(standby);
    const old = await lab.primary({ name: "old", major: 15 });
    await old.until("running");
    await lab.prepare(old);
    standby = await lab.standby({ host: "old" });
    await isBlocked(/^the server at old:5432 runs PostgreSQL 15, this standby is made for 17$/);
    await lab.remove(standby);
    await lab.remove(old);
    standby = await lab.standby();
    await standby.until("running");
  }, 600_000);

  it("an earlier state of the same server", async () => {
    await offline("rm -rf snapshot && cp -a data snapshot");
    await startAgain();
    await standby.until("running");
    await primary.sql("INSERT INTO t SELECT generate_series(1, 1000)", "app");
    await caughtUp(primary, standby);
    await offline("mv data ahead && cp -a snapshot data");
    await startAgain();
    await isBlocked(/^the WAL of the server at primary:5432 ends at .*: that server was set back$/);
  }, 600_000);

  it("a timeline that branched off before the standby's position", async () => {
    await offline("touch data/standby.signal");
    await primary.container.start();
    await primary.until("running");
    await primary.sql("SELECT pg_promote()");
    await standby.container.restart();
    await isBlocked(
      /^timeline 2 of the server at primary:5432 left timeline 1 at .*, the data here/,
    );
  }, 600_000);

  it("but it follows a timeline that branched off at its end", async () => {
    await offline("rm -rf data && mv ahead data && touch data/standby.signal");
    await startAgain();
    await primary.sql("SELECT pg_promote()");
    await primary.sql("INSERT INTO t VALUES (-1)", "app");
    await standby.until("running");
    await caughtUp(primary, standby);
    expect(await standby.sql("SELECT count(*) FROM t WHERE n = -1", "app")).toBe("1");
    expect(await primary.sql("SELECT timeline_id FROM pg_control_checkpoint()")).toBe("2");
  }, 600_000);

  it("an older timeline", async () => {
    await standby.sql("CHECKPOINT");
    await offline("mv data ahead && cp -a snapshot data");
    await startAgain();
    await isBlocked(
      /^the server at primary:5432 is on timeline 1, the data here already on timeline 2$/,
    );
    const begun = Date.now();
    expect(await standby.stop()).toBe(0);
    expect(Date.now() - begun).toBeLessThan(9_000);
  }, 600_000);
});
