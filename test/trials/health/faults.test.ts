import type { AgentOverview, JobOverview } from "../../../contract/agentOverview";
import type { JobRecord } from "../../../contract/jobRecord";
import { HealthLab } from "../../support/healthLab";
import { ok } from "../../support/process";

const lab = new HealthLab();
const slot = lab.servers.lab.slot;

beforeAll(async () => {
  await lab.open();
  await lab.healthy(60);
}, 600_000);
afterAll(() => lab.dispose(), 60_000);

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const up = "npm run pulumi -- up --refresh --stack test";
const run = (words: string) => `npm run laterbase -- ${words} --stack test`;

const job = (name: string, change: Partial<JobOverview>): JobOverview => ({
  ...{ name, job: name as JobRecord["job"], schedule: "0 * * * *", due: ago(5), every: 3600 },
  success: { startedAt: ago(4), endedAt: ago(3) },
  ...change,
});
const failed = (detail: string): Partial<JobOverview> => ({
  last: {
    ...{ trigger: "schedule", startedAt: ago(2), endedAt: ago(1), result: "failed", detail },
  },
});

it("sees what the agent knows: jobs that failed or are overdue, repositories, disks, clocks, the scheduler", async () => {
  const hour = 60;
  const faults: Partial<AgentOverview> = {
    jobs: [
      job("dump", failed("No room.")),
      job("upload", failed("The target does not answer.")),
      job("check", failed("WAL is missing in repository 1.")),
      job("drill", {
        ...{ due: ago(2 * hour), every: 24 * 3600 },
        success: { startedAt: ago(26 * hour), endedAt: ago(26 * hour) },
      }),
    ],
    repositories: [
      { repository: 1, problem: "it does not answer" },
      { repository: 2, drillProblem: "The last drill failed." },
    ],
    disks: [{ holds: "dumps", bytes: 1_000_000_000, free: 10_000_000 }],
  };
  await lab.agentKnows({ ...faults, scheduler: { beatAt: ago(10) }, at: ago(-hour) });
  const names = [
    ...["dump", "upload", "check", "drill", "repository 1", "repository 2", "disk of dumps"],
    ...["scheduler", "clocks"],
  ];
  const isWrong = (status = "good") => status === "failed" || status === "degraded";
  const checks = await lab.until(
    "nine faults",
    (all) => names.every((name) => isWrong(all[name]?.status)),
    20,
  );
  expect(names.map((name) => [name, checks[name]!.status, checks[name]!.command])).toEqual([
    ["dump", "failed", run("dump")],
    ["upload", "failed", run("upload")],
    ["check", "failed", run("check")],
    ["drill", "degraded", run("drill")],
    ["repository 1", "failed", run("check --repo 1")],
    ["repository 2", "degraded", run("drill --repo 2")],
    ["disk of dumps", "failed", run("list-dumps")],
    ["scheduler", "failed", up],
    ["clocks", "degraded", "sudo timedatectl set-ntp true"],
  ]);
  await lab.agentKnows({});
  await lab.healthy(40);
}, 120_000);

it("sees a standby that is cut off, and that it is back", async () => {
  await ok("docker", ["network", "disconnect", lab.name, lab.standby.name]);
  const checks = await lab.until("cut off", ({ standby }) => standby!.status === "failed");
  expect(checks["standby"]).toMatchObject({
    sentence:
      "The network has no standby:5432: its container is stopped, or cut off from the stack's network.",
    command: up,
  });
  await ok("docker", ["network", "connect", "--alias", "standby", lab.name, lab.standby.name]);
  await lab.healthy(120);
}, 240_000);

it("sees a slot over half its limit, and that its limit is not the stack's", async () => {
  await lab.standby.container.stop();
  await lab.primary.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '256MB'");
  await lab.primary.sql("SELECT pg_reload_conf()");
  for (let segment = 0; segment < 10; segment++)
    await lab.primary.sql(`CREATE TABLE filled${segment} (); SELECT pg_switch_wal()`);
  const name = `slot ${slot}`;
  const checks = await lab.until(
    "a slot that fills, and drift",
    (all) => (all[name]?.value ?? 0) >= 50 && all["settings of the primary"]?.status === "degraded",
  );
  expect(checks[name]).toMatchObject({ status: "degraded", unit: "percent", command: up });
  expect(checks["settings of the primary"]).toMatchObject({
    sentence:
      "max_slot_wal_keep_size is 256 MB, and the stack wants 10GB: a standby that is away is lost sooner than was meant.",
    command: up,
  });
  await lab.primary.sql("ALTER SYSTEM RESET max_slot_wal_keep_size");
  await lab.primary.sql("SELECT pg_reload_conf()");
  await lab.standby.container.start();
  await lab.healthy(120);
}, 240_000);

it("costs the primary little, and writes nothing while nobody else does", async () => {
  const ask = (sql: string, database = "postgres") => lab.primary.sql(sql, database);
  // What the monitor's process on the server has worked, in milliseconds.
  const sessions = "FROM pg_stat_activity WHERE application_name = 'laterbase monitor'";
  const worked = async () => {
    const pid = await ask(`SELECT pid ${sessions}`);
    const ticks = await lab.primary.bash(`cut -d' ' -f14,15 /proc/${pid}/stat`);
    return ticks.split(" ").reduce((all, one) => all + Number(one) * 10, 0);
  };
  const looks = async (count: number) => {
    const { timestamp } = (await lab.health()).report;
    const later = Date.parse(timestamp) + (count * 10 - 1) * 1000;
    await lab.until("looks", (_, report) => Date.parse(report.timestamp) >= later, 60);
  };
  const beat = () => ask("SELECT beat FROM laterbase.heartbeat");
  await looks(1);
  const [before, first] = [await worked(), await beat()];
  await looks(3);
  const [after, last] = [await worked(), await beat()];
  expect((after - before) / 3).toBeLessThanOrEqual(20);
  // Autovacuum may write once, which the next look sees.
  expect(Number(last) - Number(first)).toBeLessThan(2);
  await ask("CREATE TABLE written ()", "app");
  await looks(1);
  expect(Number(await beat())).toBeGreaterThan(Number(last));
  const count = `SELECT count(*) ${sessions}`;
  expect([await ask(count), await lab.standby.sql(count)]).toEqual(["1", "1"]);
}, 120_000);

it("stays small under ten thousand requests", async () => {
  const headers = { authorization: `Bearer ${lab.token}` };
  const many = async () => {
    for (let left = 1000; left > 0; left--)
      await (await fetch(`${lab.url}/health`, { headers })).text();
  };
  await Promise.all(Array.from({ length: 10 }, many));
  const status = await lab.monitor.bash("grep VmRSS /proc/1/status");
  expect(Number(/\d+/.exec(status)![0]) / 1024).toBeLessThan(110);
}, 600_000);

it("sees that the primary was replaced by another cluster", async () => {
  const { lab: servers } = lab.servers;
  const other = await servers.primary({ name: "other", databases: ["app"] });
  await other.until("running", 60);
  await lab.preparePrimary(other);
  await ok("docker", ["network", "disconnect", lab.name, other.name]);
  await ok("docker", ["network", "disconnect", lab.name, lab.primary.name]);
  await ok("docker", ["network", "connect", "--alias", "primary", lab.name, other.name]);
  const checks = await lab.until(
    "another cluster",
    ({ standby }) => standby!.status === "failed",
    60,
  );
  // Its own supervisor stops a standby whose primary is another cluster.
  expect(checks["standby"]!.sentence).toMatch(/another cluster|Nothing listens|does not answer/);
  await ok("docker", ["network", "disconnect", lab.name, other.name]);
  await ok("docker", ["network", "connect", "--alias", "primary", lab.name, lab.primary.name]);
  await lab.healthy(180);
}, 400_000);
