import { docker, type Fault, FaultTrial } from "../../support/faultTrial";
import { MessageSink } from "../../support/messageSink";
import { doAll, until } from "../../support/process";
import { Prometheus } from "../../support/prometheus";
import { Stack } from "../../support/stack";

// Real faults on a real stack. Each is seen in the time that docs/health-checks.md states, and named with a command. That
// command is run as it is printed, and the fault is gone. `/health`, the page, `laterbase health`, `laterbase status`, a
// message and an alert of a real Prometheus say the same of it, and then that it is good again. The faults here are
// those of servers, the pooler and the scheduler. Those of the agent's work, of the primary's cluster and of clocks are
// in agentRepairs.test.ts. test/unit/docs/faults.test.ts counts them.
//
// There are three standbys, because a check that changed six times in an hour is said again a quarter of an hour later
// only.
const stack = new Stack("t-repairs");
const port = { direct: 18471, standby: 18472, pooled: 18473, health: 18474 };
const trial = new FaultTrial(stack, port.health);
const messages = new MessageSink(stack);
let prometheus: Prometheus | undefined;
jest.setTimeout(600_000);

beforeAll(async () => {
  await stack.configure(
    {
      primary: {
        ...{ kind: "managed", version: 17, port: port.direct, databases: ["app"] },
        ...{ slotRetention: "256MB", settings: { work_mem: "8MB" } },
      },
      standbys: [
        { name: "standby", port: port.standby },
        { name: "second", port: 18475 },
        { name: "third", port: 18476 },
      ],
      pooler: { port: port.pooled },
      dumps: { schedule: "* * * * *", retentionDays: 1, retentionCount: 1 },
      backups: { repositories: [{ type: "posix" }] },
      health: { port: port.health, thresholds: { jobGrace: 60 }, notify: [{ kind: "webhook" }] },
    },
    { "health.notify[0].url": messages.url },
  );
  await stack.up();
  await messages.start();
  prometheus = await Prometheus.start(port.health);
  trial.around = { messages, prometheus, thresholds: { interval: 60, jobGrace: 60 } };
  await trial.healthy(240);
}, 900_000);

afterAll(
  () =>
    doAll(
      () => prometheus?.stop(),
      () => messages.remove(),
      () => stack.remove(),
    ),
  300_000,
);

const up = /^npm run pulumi -- up /;
const stopped = (part: string) =>
  new RegExp(`^The network has no \\S*${part}:\\d+: its container is stopped, or cut off`);
const slotOf = (standby: string) => `slot laterbase_${standby}_slot`;

const faults: Fault[] = [
  {
    fault: "a standby is killed",
    make: () => docker("kill", stack.container("standby")),
    ...{ check: "standby", sentence: stopped("standby"), command: up },
  },
  {
    fault: "a standby is cut off from the network",
    make: () =>
      docker("network", "disconnect", `laterbase-${stack.name}`, stack.container("second")),
    ...{ check: "second", sentence: stopped("second"), command: up },
  },
  {
    fault: "replay is paused",
    make: () => trial.sql("third", "SELECT pg_wal_replay_pause()"),
    ...{ check: "third", sentence: /^Its replay is paused/, command: /^docker exec / },
  },
  {
    fault: "a slot is dropped",
    make: async () => {
      await docker("stop", stack.container("standby"));
      await trial.sql("primary", "SELECT pg_drop_replication_slot('laterbase_standby_slot')");
    },
    ...{ check: slotOf("standby"), sentence: /^The primary has no such slot/, command: up },
  },
  {
    fault: "a slot holds more than half of its limit",
    make: async () => {
      // It takes nothing any more, and its connection lasts for a minute.
      await docker("pause", stack.container("second"));
      for (let segment = 0; segment < 9; segment++)
        await trial.sql("primary", `CREATE TABLE filled${segment} (); SELECT pg_switch_wal()`);
    },
    ...{ check: slotOf("second"), sentence: /^It keeps \d+ MB of WAL, of 256 MB \([5-8]\d %\)\.$/ },
    ...{ command: /^npm run laterbase -- logs second /, shows: [0] },
    first: () => docker("unpause", stack.container("second")),
  },
  {
    fault: "the scheduler is dead, so dumps are overdue",
    make: () => docker("stop", "--time", "1", stack.container("scheduler")),
    ...{ check: "scheduler", sentence: /^It has given no sign of life for /, command: up },
  },
  {
    fault: "the agent is dead",
    make: () => docker("kill", stack.container("agent")),
    ...{ check: "agent", sentence: stopped("agent"), command: up },
  },
  {
    fault: "a dump fails, because its folder cannot be written",
    make: async () => {
      // A dump is written there, and published by a rename.
      await trial.inside("agent", "chmod", "0500", "/backups/.partial");
      expect((await stack.laterbase("dump")).code).toBe(1);
    },
    ...{
      check: "dump",
      sentence: /^The last one, of .*, failed: /,
      command: /^npm run laterbase -- dump /,
    },
    first: () => trial.inside("agent", "chmod", "0750", "/backups/.partial"),
  },
  {
    fault: "the pooler is stopped",
    make: () => docker("stop", stack.container("pooler")),
    ...{ check: "pooler", sentence: stopped("pooler"), command: up },
  },
  {
    fault: "the pooler is paused",
    make: () => stack.laterbase("pause-pooler"),
    ...{ check: "pooler", sentence: /^Its clients wait, because it is paused\.$/ },
    command: /^npm run laterbase -- resume-pooler /,
  },
  {
    fault: "the primary is down",
    make: () => docker("stop", stack.container("primary")),
    ...{ check: "primary", sentence: stopped("primary"), command: up },
  },
  {
    fault: "a role and a setting of the primary are changed by hand",
    make: async () => {
      await trial.sql("primary", "ALTER ROLE laterbase_t_repairs_dumps NOBYPASSRLS");
      await trial.sql("primary", "ALTER SYSTEM SET work_mem = '1MB'");
      await trial.sql("primary", "SELECT pg_reload_conf()");
    },
    check: "settings of the primary",
    sentence:
      /^ALTER SYSTEM overrules the stack's values of work_mem\. The role "laterbase_t_repairs_dumps", which dumps, has other attributes than it was given\.$/,
    command: up,
  },
];

it("says that everything works", () => trial.reading(() => trial.saysHealthy()));

it.each(faults)("$fault: it is seen, and the printed command repairs it", (one) =>
  trial.proves(one),
);

/** What Docker says of a container. */
const dockerSays = async (role: string) =>
  (await docker("inspect", "--format", "{{.State.Health.Status}}", stack.container(role))).trim();
/** What its supervisor says. */
const supervisorSays = async (role: string) => {
  const { stdout } = await stack.inContainer(role, ["laterbase-health"]);
  return (JSON.parse(stdout) as { state: string }).state;
};

it.each([
  {
    state: "stalled",
    make: () => trial.sql("standby", "SELECT pg_wal_replay_pause()"),
    repair: () => trial.sql("standby", "SELECT pg_wal_replay_resume()"),
  },
  {
    state: "blocked",
    // A server that ends three times for the same reason.
    make: async () => {
      const script =
        "cd /var/lib/postgresql/standby/data; echo 'nonsense = 1' >>postgresql.auto.conf; kill -KILL $(head -n 1 postmaster.pid)";
      await trial.inside("standby", "bash", "-c", script);
    },
    repair: () =>
      trial.inside(
        ...(["standby", "sed", "-i", "/^nonsense/d"] as const),
        "/var/lib/postgresql/standby/data/postgresql.auto.conf",
      ),
  },
])("Docker calls a $state server unhealthy within a minute", async ({ state, make, repair }) => {
  await until("it is healthy", async () => (await dockerSays("standby")) === "healthy", 120);
  await make();
  await until(`it is ${state}`, async () => (await supervisorSays("standby")) === state, 60);
  const begun = Date.now();
  await until("Docker says so", async () => (await dockerSays("standby")) === "unhealthy", 90);
  const seconds = (Date.now() - begun) / 1000;
  process.stderr.write(`Docker: ${state}, unhealthy after ${Math.round(seconds)} s\n`);
  expect(seconds).toBeLessThan(60);
  await repair();
  await trial.healthy(240);
  await until("it is healthy", async () => (await dockerSays("standby")) === "healthy", 120);
});
