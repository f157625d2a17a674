import type { AgentOverview } from "../../contract/agentOverview";
import { ok } from "../support/process";
import { HealthLab } from "../support/healthLab";

const lab = new HealthLab();
const slot = lab.servers.lab.slot;

beforeAll(() => lab.open(), 600_000);
afterAll(() => lab.dispose(), 600_000);

const hour = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

/** A dump of each hour that ended this long ago. */
const dumped = (ms: number): Partial<AgentOverview> => ({
  jobs: [
    {
      ...{ name: "dump", job: "dump", schedule: "@hourly", every: 3600 },
      due: ago(Math.min(ms, hour / 2)),
      success: { startedAt: ago(Math.min(ms, hour / 2)), endedAt: ago(Math.min(ms, hour / 2)) },
    },
  ],
  dumps: {
    count: 1,
    newest: [{ id: "app/1", database: "app", takenAt: ago(ms), bytes: 1000, signature: "ours" }],
  },
});

it("says that everything works", async () => {
  await lab.agentKnows(dumped(0));
  const checks = await lab.healthy(60);
  // What the monitor remembers of the cluster is known from the second look on.
  expect(Object.keys(checks).filter((name) => name !== "cluster")).toEqual([
    ...["primary", "archiving", "transaction ids", "settings of the primary"],
    ...["standby", `slot ${slot}`, "pooler", "agent", "scheduler", "dump", "dump of app", "images"],
  ]);
  const { code, report } = await lab.health();
  expect([code, report.last_backup_age_hours]).toEqual([200, "0"]);
  // Docker's health of the container says whether the monitor looks.
  expect(await lab.monitor.exec("laterbase-health")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\{"state":"running","detail":"Everything works\.","since":/),
  });
  expect((await fetch(`${lab.url}/health`)).status).toBe(401);
  expect((await fetch(`${lab.url}/livez`)).status).toBe(200);
});

it("sees five faults at once, and names their commands", async () => {
  await lab.standby.sql("SELECT pg_wal_replay_pause()");
  await lab.primary.sql("ALTER SYSTEM SET archive_command = '/bin/false'");
  await lab.primary.sql("ALTER SYSTEM SET archive_mode = always");
  await lab.primary.sql("ALTER SYSTEM SET work_mem = '8MB'");
  await lab.primary.sql("ALTER ROLE laterbase_test CREATEDB");
  await lab.primary.sql("SELECT pg_reload_conf()");
  await lab.primary.sql("CREATE TABLE faults (); SELECT pg_switch_wal()");
  await lab.agentKnows(dumped(5 * hour));
  // Two take the pool, and the third waits.
  const held = await Promise.all([1, 2].map(() => lab.servers.client("app")));
  for (const client of held) await client.query("BEGIN");
  const third = await lab.servers.client("app");
  const waiting = third.query("SELECT 1");
  const faulty = ["standby", "archiving", "settings of the primary", "pooler", "dump of app"];
  await lab.until("five faults", (checks) =>
    faulty.every((name) => !["good", "pending"].includes(checks[name]!.status)),
  );
  const checks = await lab.until("a wait", ({ pooler }) => pooler!.value === 1);
  expect(faulty.map((name) => [checks[name]!.status, checks[name]!.command])).toEqual([
    ["failed", "npm run laterbase -- logs standby --stack test"],
    ["failed", "npm run laterbase -- check --stack test"],
    ["degraded", "npm run pulumi -- up --refresh --stack test"],
    ["degraded", "npm run laterbase -- pools --stack test"],
    ["degraded", "npm run laterbase -- dump app --stack test"],
  ]);
  expect(checks["settings of the primary"]!.sentence).toBe(
    'ALTER SYSTEM overrules the stack\'s values of work_mem. The role "laterbase_test", of the test, has other attributes than it was given. Somebody changed what Laterbase sets itself, and a restart would put it in force: archive_mode. ALTER SYSTEM RESET takes it back.',
  );
  expect((await lab.health()).code).toBe(503);
  for (const client of held) await client.end();
  await waiting;
  await third.end();
  await lab.standby.sql("SELECT pg_wal_replay_resume()");
  await lab.primary.sql("ALTER SYSTEM SET archive_command = '/bin/true'");
  await lab.primary.sql("ALTER SYSTEM RESET archive_mode");
  await lab.primary.sql("ALTER SYSTEM RESET work_mem");
  await lab.primary.sql("ALTER ROLE laterbase_test NOCREATEDB");
  await lab.primary.sql("SELECT pg_reload_conf()");
  await lab.agentKnows(dumped(0));
  // The next test waits until all of them are gone.
}, 600_000);

it("sees a killed standby, a dropped slot and a dead agent within 30 s, and when all are repaired", async () => {
  await Promise.all([
    ok("docker", ["kill", lab.standby.name]),
    ok("docker", ["kill", lab.agent.name]),
  ]);
  const begun = Date.now();
  await lab.primary.sql(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots`);
  await lab.primary.bash(
    `until psql -XAtqh /run/pg/primary -U postgres -c "SELECT pg_drop_replication_slot('${slot}')"; do sleep 0.2; done`,
  );
  const checks = await lab.until("three faults", (all) =>
    ["standby", "agent", `slot ${slot}`].every((name) => all[name]!.status === "failed"),
  );
  const seconds = (Date.now() - begun) / 1000;
  expect(seconds).toBeLessThan(30);
  const up = "npm run pulumi -- up --refresh --stack test";
  expect(["standby", "agent", `slot ${slot}`].map((name) => checks[name]!.command)).toEqual([
    up,
    up,
    up,
  ]);
  await ok("docker", ["start", lab.standby.name, lab.agent.name]);
  await lab.agentKnows(dumped(0));
  await lab.standby.until("running");
  await lab.healthy(60);
}, 600_000);

it("sees a primary that is down, and answers all the while", async () => {
  await ok("docker", ["kill", lab.primary.name]);
  const checks = await lab.until("a dead primary", ({ primary }) => primary!.status === "failed");
  expect(checks["primary"]).toMatchObject({
    command: "npm run pulumi -- up --refresh --stack test",
    sentence: expect.stringContaining("its container is stopped"),
  });
  expect(checks["standby"]!.status).toBe("degraded");
  await ok("docker", ["start", lab.primary.name]);
  await lab.healthy(90);
}, 600_000);

it("stops at once when it is told to, as nothing went wrong", async () => {
  await ok("docker", ["stop", "--time", "10", lab.monitor.name]);
  expect((await lab.monitor.container.inspect()).State.ExitCode).toBe(0);
});
