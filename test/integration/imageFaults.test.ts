import { caughtUp, checksum, Lab, sleep, type Box } from "../support/imageLab";

const tables = ["pgbench_accounts", "pgbench_tellers", "pgbench_branches", "pgbench_history"];

describe("a standby after a fault", () => {
  const lab = new Lab(17);
  let primary: Box, standby: Box;

  beforeAll(async () => {
    await lab.open();
    primary = await lab.primary({ init: { "01.sql": "CREATE EXTENSION amcheck" } });
    await primary.until("running");
    await lab.prepare(primary);
    await primary.bash("pgbench -h /run/pg/primary -q -i -s 30 app 2>&1");
    standby = await lab.standby();
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  async function sameRows(): Promise<void> {
    await caughtUp(primary, standby);
    for (const table of tables) {
      const there = await standby.sql(checksum(table), "app");
      expect(`${table} ${there}`).toBe(`${table} ${await primary.sql(checksum(table), "app")}`);
    }
  }

  it("clones again when a clone was killed half-way", async () => {
    const inTheMiddle = `cd standby; for ((i = 0; i < 600; i++)); do
      pid=$(grep -lxs pg_basebackup /proc/[0-9]*/comm | cut -d/ -f3 | sort -n | head -n 1)
      if [[ -n $pid ]] && (($(du -sm data.new | cut -f 1) > 20)); then break; fi
      sleep 0.05
    done 2>/dev/null; [[ -n $pid && ! -e data ]]`;
    await standby.bash(`${inTheMiddle} && kill -KILL $pid`);
    await standby.until((s) => s.detail.includes("next attempt"));
    await standby.bash(inTheMiddle);
    await standby.container.kill({ signal: "SIGKILL" });
    await standby.container.start();
    // A stop must not wait for the clone.
    await standby.bash(inTheMiddle);
    const begun = Date.now();
    expect(await standby.stop()).toBe(0);
    expect(Date.now() - begun).toBeLessThan(9_000);
    await standby.container.start();
    await standby.until("running");
    expect(await standby.bash("cd standby; ls")).toBe("data");
    await sameRows();
  }, 600_000);

  it("is consistent after SIGKILL of the server and of the container under write load", async () => {
    const load = primary.bash("pgbench -h /run/pg/primary -n -c 4 -T 15 app 2>&1");
    await sleep(3000);
    await standby.bash("kill -KILL $(head -n 1 standby/data/postmaster.pid)");
    await standby.until((s) => s.state !== "running");
    await standby.until("running");
    await sleep(1000);
    await standby.container.kill({ signal: "SIGKILL" });
    await standby.container.start();
    await standby.until("running");
    await load;
    await sameRows();
    const indexes =
      "SELECT count(bt_index_check(indexrelid, true)) FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = relam WHERE amname = 'btree' AND relpersistence = 'p'";
    expect(Number(await standby.sql(indexes, "app"))).toBeGreaterThan(50);
    const heap = "SELECT count(*) FROM verify_heapam('pgbench_accounts')";
    expect(await standby.sql(heap, "app")).toBe("0");
  }, 600_000);

  it("is degraded, not unhealthy, while the primary is away", async () => {
    expect(await primary.stop()).toBe(0);
    const status = await standby.until("degraded");
    expect(status).toMatchObject({ healthy: true });
    expect(status.detail).toMatch(/^cut off from the primary since 20\d\d-.*Z: .+/);
    expect(await standby.sql("SELECT count(*) FROM pgbench_branches", "app")).toBe("30");
    await primary.container.start();
    await primary.until("running");
    await standby.until("running");
  }, 600_000);

  it("reports that replay is paused", async () => {
    await standby.sql("SELECT pg_wal_replay_pause()");
    // The supervisor looks every half minute.
    const status = await standby.until("stalled");
    expect(status).toMatchObject({ healthy: false, detail: expect.stringContaining("paused") });
    await standby.sql("SELECT pg_wal_replay_resume()");
    await standby.until("running");
  }, 600_000);

  it("makes its slot again after it was dropped", async () => {
    await standby.stop();
    await primary.sql(`SELECT pg_drop_replication_slot('${lab.slot}')`);
    await standby.container.start();
    await standby.until("running");
    expect(await standby.log()).toContain(`slot ${lab.slot} did not exist on the primary: made`);
    await sameRows();
  }, 600_000);

  it("clones again when its WAL is gone, and answers reads meanwhile", async () => {
    const before = await standby.bash("stat -c %i standby/data");
    await standby.stop();
    await primary.sql(`SELECT pg_drop_replication_slot('${lab.slot}')`);
    const recycle =
      "INSERT INTO pgbench_history (tid) SELECT 1; SELECT pg_switch_wal(); CHECKPOINT";
    for (let i = 0; i < 4; i++) for (const q of recycle.split(";")) await primary.sql(q, "app");
    await standby.container.start();
    await standby.until("recloning");
    const readable = standby.sql("SELECT count(*) FROM pgbench_branches", "app");
    expect(await readable).toBe("30");
    await standby.until("running");
    expect(await standby.bash("stat -c %i standby/data")).not.toBe(before);
    // The old data is removed as soon as the new data streams.
    expect(await standby.bash("sleep 1; cd standby; ls")).toBe("data");
    expect(await standby.log()).toContain("the primary no longer has the WAL");
    await sameRows();
  }, 600_000);

  it("leaves no zombies", async () => {
    const zombies = "grep -lE '^[0-9]+ .*\\) Z' /proc/[0-9]*/stat 2>/dev/null | sort";
    // A process that is gone a moment later was about to be reaped.
    expect(await standby.bash(`comm -12 <(${zombies}) <(sleep 3; ${zombies})`)).toBe("");
  });
});

describe("a standby without room", () => {
  const lab = new Lab(17);
  afterAll(() => lab.dispose(), 600_000);

  it("names the room that it needs and has, and waits", async () => {
    await lab.open();
    const primary = await lab.primary();
    await primary.until("running");
    await lab.prepare(primary);
    const standby = await lab.standby({ volumeMegabytes: 60 });
    const status = await standby.until((s) => s.detail.includes("needs"));
    expect(status).toMatchObject({ state: "waiting", healthy: false });
    expect(status.detail).toMatch(
      /^the clone needs \d+ MB, the data volume has \d\d MB free; next/,
    );
    expect(await standby.bash("ls standby")).toBe("");
    expect(await standby.stop()).toBe(0);
  }, 600_000);
});
