import { type Box, caughtUp, checksum, Lab, sleep } from "../../support/imageLab";

jest.setTimeout(3_600_000);

const rounds = Number(process.env["LATERBASE_ROUNDS"] ?? 12);
const tables = ["pgbench_accounts", "pgbench_tellers", "pgbench_branches", "pgbench_history"];

// Many faults in a row under write load, and the same rows after each one, for every major that builds
// everywhere. The order of faults is fixed, so that a failure can be repeated.
describe.each([13, 15, 17])("a standby of PostgreSQL %i, round after round", (major) => {
  const lab = new Lab(major);
  let primary: Box, standby: Box;

  beforeAll(async () => {
    await lab.open();
    primary = await lab.primary({ init: { "01.sql": "CREATE EXTENSION amcheck" } });
    await primary.until("running");
    await lab.prepare(primary);
    await primary.bash("pgbench -h /run/pg/primary -q -i -s 10 app 2>&1");
    standby = await lab.standby();
    await standby.until("running", 300);
  });
  afterAll(() => lab.dispose());

  const faults: Record<string, () => Promise<unknown>> = {
    "the server is killed": () =>
      standby.bash("kill -KILL $(head -n 1 standby/data/postmaster.pid)"),
    "the container is killed": async () => {
      await standby.container.kill({ signal: "SIGKILL" });
      await standby.container.start();
    },
    "the primary restarts": async () => {
      await primary.stop();
      await primary.container.start();
      await primary.until("running");
    },
    "the primary is killed": async () => {
      await primary.container.kill({ signal: "SIGKILL" });
      await primary.container.start();
      await primary.until("running");
    },
    "the link is frozen": async () => {
      await standby.container.pause();
      await sleep(5_000);
      await standby.container.unpause();
    },
    "slot and WAL are gone": async () => {
      await standby.stop();
      await primary.sql(`SELECT pg_drop_replication_slot('${lab.slot}')`);
      for (let i = 0; i < 4; i++) {
        for (const query of [
          "INSERT INTO pgbench_history (tid) SELECT 1",
          "SELECT pg_switch_wal()",
          "CHECKPOINT",
        ]) {
          await primary.sql(query, "app");
        }
      }
      await standby.container.start();
      await standby.until((status) => status.state !== "running" && status.state !== "gone", 60);
    },
  };
  const names = Object.keys(faults);

  it.each(Array.from({ length: rounds }, (_, i) => [i + 1, names[(i * 5) % names.length]!]))(
    "%i: %s",
    async (_, name) => {
      // A fault of the primary also ends the load.
      const load = primary
        .bash("pgbench -h /run/pg/primary -n -c 4 -T 10 app 2>&1 || true")
        .catch(() => "");
      await sleep(2_000);
      await faults[name]!();
      await load;
      await standby.until("running", 300);
      await caughtUp(primary, standby, 300);
      for (const table of tables) {
        const here = await primary.sql(checksum(table), "app");
        expect(`${table} ${await standby.sql(checksum(table), "app")}`).toBe(`${table} ${here}`);
      }
      const indexes =
        "SELECT count(bt_index_check(indexrelid, true)) FROM pg_index WHERE indrelid::regclass::text LIKE 'pgbench%'";
      expect(Number(await standby.sql(indexes, "app"))).toBe(3);
    },
  );
});
