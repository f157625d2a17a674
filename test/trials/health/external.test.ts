import { FaultTrial } from "../../support/faultTrial";
import { hba, Stranger, superuser, superuserPassword } from "../../support/primaryServer";
import { doAll, run, until } from "../../support/process";
import { sql, Stack } from "../../support/stack";

// The monitor of a PostgreSQL 13 that belongs to another owner: it writes nothing there, and what `forget` takes out
// leaves nothing behind.
const subnet = "10.213.46";
const host = `${subnet}.1`;
const stack = new Stack("t-watched");
const port = { standby: 18486, health: 18487 };
const trial = new FaultTrial(stack, port.health);
const role = "laterbase_t_watched_health";
const server = new Stranger(13, {
  network: ["--subnet", `${subnet}.0/24`],
  docker: ["--publish", `${host}:5432:5432`],
});
jest.setTimeout(600_000);

beforeAll(async () => {
  await server.start();
  await server.sql("create database app");
  await server.writeHba(hba);
  await server.sql("select pg_reload_conf()");
  await stack.configure(
    {
      primary: {
        ...{ kind: "external", host, version: 13, superuser: { name: superuser } },
        ...{ databases: ["app"], access: { kind: "sql" }, allowFrom: [`${subnet}.0/24`] },
      },
      standbys: [{ name: "standby", port: port.standby }],
      dumps: { schedule: "@hourly", retentionDays: 1, retentionCount: 1 },
      health: { port: port.health },
    },
    { "primary.superuser.password": superuserPassword },
  );
  await stack.up();
  await trial.healthy(240);
}, 900_000);

afterAll(async () => {
  await doAll(
    () => stack.remove(),
    () => server.stop(),
  );
}, 300_000);

it("looks at everything, by one session, and writes nothing there", async () => {
  const { checks } = await trial.report();
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...["primary", "cluster", "transaction ids", "settings of the primary", "standby"],
      ...["slot laterbase_standby_slot", "agent", "scheduler", "dump", "dump of app"],
    ]),
  );
  expect(
    await server.sql(
      "select count(*) from pg_stat_activity where application_name = 'laterbase monitor'",
    ),
  ).toBe("1");
  expect(await server.sql("select count(*) from pg_namespace where nspname = 'laterbase'")).toBe(
    "0",
  );
});

it("sees a standby whose replay is paused, and that one is behind", async () => {
  // The superuser of that server has another name, which the container knows.
  const pause = `psql -h /run/pg/standby -U "$SUPERUSER" -d postgres -c "SELECT pg_wal_replay_pause()"`;
  await trial.inside("standby", "bash", "-c", pause);
  await server.sql("create table written as select 1 as n");
  const paused = await trial.until("paused", "standby", ({ status }) => status !== "good", 20);
  expect(paused.command).toMatch(/pg_wal_replay_resume/);
  // Nothing is written to that primary, so positions in the WAL say how far the standby is behind.
  const lag = async () => {
    const answer = await fetch(`http://127.0.0.1:${port.health}/metrics`);
    const text = await answer.text();
    return Number(/^pg_replication_lag_seconds\{server="standby"\} (.*)$/m.exec(text)?.[1]);
  };
  await until("how far it is behind grows", async () => (await lag()) > 20, 60);
  expect((await trial.asPrinted(paused.command!)).code).toBe(0);
  await trial.healthy(60);
});

it("calls a primary that sleeps degraded, because a Mac sleeps at night", async () => {
  await server.down();
  const asleep = await trial.until("asleep", "primary", ({ status }) => status === "degraded", 40);
  expect(asleep.command).toBeUndefined();
  expect((await stack.laterbase("health")).code).toBe(3);
  await server.up();
  await trial.healthy(120);
});

it("goes on after its secrets were replaced, and the former password is refused", async () => {
  const passwords = async () =>
    Object.entries(await stack.passwordsByName())
      .filter(([name]) => name.startsWith("preparation-health-password"))
      .map(([, password]) => password);
  const [former] = await passwords();
  const rotated = await stack.laterbase("rotate", "health", "--yes");
  expect([rotated.code, rotated.stderr]).toEqual([0, expect.any(String)]);
  const uri = (password: string) =>
    `postgresql://${role}:${encodeURIComponent(password)}@${host}:5432/postgres`;
  await expect(sql(uri(former!), "select 1")).rejects.toMatchObject({ code: "28P01" });
  const now = (await passwords()).filter((password) => password !== former);
  const answers = await Promise.all(
    now.map((password) =>
      sql(uri(password), "select 1").then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(answers).toContain(true);
  await trial.healthy(120);
});

it("is taken out by forget and up: no role and no container, and its history stays", async () => {
  expect((await stack.laterbase("forget", "health", "--yes")).code).toBe(0);
  await stack.up();
  expect(await server.sql(`select count(*) from pg_roles where rolname = '${role}'`)).toBe("0");
  expect(await server.readHba()).not.toContain(role);
  expect((await run("docker", ["inspect", stack.container("health")])).code).toBe(1);
  expect((await run("docker", ["volume", "inspect", stack.container("health-history")])).code).toBe(
    0,
  );
  // Without it the command looks itself.
  expect((await stack.laterbase("health")).stdout).toMatch(/^HEALTHY: /);
});
