import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { DockerRegistry } from "../../support/dockerRegistry";
import { EngineProxy } from "../../support/engineProxy";
import { PgAdminPage } from "../../support/pgAdminPage";
import { Stranger, superuser, superuserPassword } from "../../support/primaryServer";
import { doAll, ok, until } from "../../support/process";
import { wrongIn } from "../../support/saidText";
import { near, SecondEngine } from "../../support/secondEngine";
import { checksums, replayed, sql, Stack } from "../../support/stack";

// A primary of another owner, and everything else on one other machine: its engine is only reached as ssh://…, has no
// way to Debian, and pulls from a registry. Neither engine builds. The machine is a network namespace of this one.
// It is one story: each test goes on with what the one before it left.
jest.setTimeout(900_000);

const project = resolve(__dirname, "../../..");
const stack = new Stack("t-elsewhere");
const subnet = "10.213.61";
const server = new Stranger(17, {
  network: ["--subnet", `${subnet}.0/24`],
  docker: ["--publish", `${subnet}.1:5432:5432`],
});
const pushedTo = new DockerRegistry();
const pulledFrom = new DockerRegistry(near, pushedTo.images);
const engine = new SecondEngine({ whole: true, refusesBuilds: true });
const local = new EngineProxy();
const path = "group/project";
const before = { ...process.env };
let untouched: Record<string, string>;
let known: any;

const config = (registry: string, dockerHost: string) => ({
  dockerHost,
  bindAddress: "0.0.0.0",
  primary: {
    ...{ kind: "external", host: `${subnet}.1`, version: 17, superuser: { name: superuser } },
    ...{ databases: ["app"], access: { kind: "sql" }, allowFrom: [engine.network] },
  },
  standbys: [
    { name: "standby", port: 18301 },
    { name: "second", port: 18302 },
  ],
  dumps: { schedule: "0 0 1 1 *", retentionDays: 1, retentionCount: 2 },
  pooler: { port: 18303, poolSize: 5 },
  pgAdmin: { port: 18304, email: "me@example.com" },
  duplicati: { port: 18305, target: "file:///archive", schedule: "0 0 1 1 *" },
  health: { port: 18306 },
  images: { registry: `${registry}/${path}`, tag: "1a2b3c4" },
});
const roles = [
  ...["agent", "duplicati", "health", "pgadmin", "pooler"],
  ...["scheduler", "scheduler-proxy", "second", "standby"],
];
/** Its address with a login: the user of the test's own data, or the superuser. */
const at = (host: string, port: number, database: string, user = "app", password = "of the app") =>
  `postgresql://${[user, password].map(encodeURIComponent).join(":")}@${host}:${port}/${database}`;
const asSuperuser = (database: string, place: { host: string; port: number }) =>
  at(place.host, place.port, database, superuser, superuserPassword);
const onPrimary = (database: string) => asSuperuser(database, { host: `${subnet}.1`, port: 5432 });

/** An operator's command that must succeed, and what it prints as JSON. */
async function command<T = any>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await stack.laterbase("--json", ...words);
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

beforeAll(async () => {
  await doAll(
    () => pushedTo.start(),
    () => engine.start(),
    () => local.start(),
    () => server.start(),
  );
  await pulledFrom.start();
  const keys = Object.entries(config("localhost", ""));
  const written = Object.fromEntries(keys.map(([key, value]) => [`laterbase:${key}`, value]));
  const file = join(stack.folder, "Pulumi.t.yaml");
  writeFileSync(file, stringify({ config: written }));
  await ok("node", ["--require", "tsx/cjs", "scripts/ci/images.ts", file], {
    cwd: project,
    seconds: 900,
    env: {
      DOCKER_CONFIG: pushedTo.config,
      LATERBASE_REGISTRY: `${pushedTo.host}/${path}`,
      LATERBASE_TAG: "1a2b3c4",
    },
  });
  await server.sql("create role app login password 'of the app'");
  await server.sql("create database app owner app");
  const table =
    "create table kept as select id, md5(id::text) as word from generate_series(1, 50000) id";
  await sql(at(`${subnet}.1`, 5432, "app"), table);
  untouched = await server.snapshot();
  process.env["DOCKER_CONFIG"] = pulledFrom.config;
  process.env["DOCKER_HOST"] = local.host;
}, 1_800_000);

afterAll(async () => {
  for (const name of ["DOCKER_CONFIG", "DOCKER_HOST"]) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await doAll(
    () => stack.remove(),
    () => engine.end(),
    () => server.stop(),
    () => local.stop(),
    () => pulledFrom.stop(),
    async () => {
      const all = await ok("docker", ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
      const ours = all.split("\n").filter((name) => name.startsWith(`${pushedTo.host}/${path}/`));
      if (ours.length > 0) await ok("docker", ["image", "rm", "--force", ...ours]);
    },
    () => pushedTo.stop(),
  );
}, 600_000);

it("comes up there from the registry, and neither engine built anything", async () => {
  await stack.configure(config(pulledFrom.host, engine.host), {
    "primary.superuser.password": superuserPassword,
  });
  expect(await engine.docker("image", "ls", "--quiet")).toBe("");
  await stack.up();
  const all = roles.map((role) => stack.container(role));
  const running = await engine.docker("ps", "--format", "{{.Names}}");
  expect(running.trim().split("\n").sort()).toEqual(all);
  const filter = ["--filter", `label=laterbase.stack=${stack.name}`, "--quiet"];
  for (const kind of ["container", "volume", "network"])
    expect(await ok("docker", [kind, "ls", ...filter])).toBe("");
  const pulled = await engine.docker("inspect", "--format", "{{.Config.Image}}", ...all);
  for (const image of pulled.trim().split("\n"))
    expect(image).toMatch(
      new RegExp(`^${pulledFrom.host}/${path}/[a-z0-9-]+@sha256:[0-9a-f]{64}$`),
    );
  expect([engine.proxy.refused, engine.proxy.passed > 20, local.refused]).toEqual([[], true, []]);
  known = await stack.outputs();
});

it("has nothing to do a second time", async () => {
  const ids = () => engine.docker("ps", "--no-trunc", "--format", "{{.ID}}");
  const running = await ids();
  await stack.preview("--expect-no-changes");
  await stack.up("--expect-no-changes");
  expect(await ids()).toBe(running);
});

it("has every row of the primary on both standbys and behind the pooler", async () => {
  await sql(onPrimary("app"), "update kept set word = 'changed' where id <= 100");
  const lsn = await server.sql("select pg_current_wal_flush_lsn()");
  const rows = await checksums(onPrimary("app"));
  expect(Object.keys(rows)).toEqual(["public.kept"]);
  for (const name of ["standby", "second"]) {
    const uri = asSuperuser("app", known.standbys[name]);
    await until(`${name} has replayed ${lsn}`, () => replayed(uri, lsn));
    expect(await checksums(uri)).toEqual(rows);
  }
  const { host, port } = known.pooler;
  const pooled = at(host, port, "app");
  expect(await checksums(pooled)).toEqual(rows);
  await sql(pooled, "insert into kept values (50001, 'by the pooler')");
  const [row] = await sql(onPrimary("app"), "select word from kept where id = 50001");
  expect(row).toEqual({ word: "by the pooler" });
  const read = await sql(at(host, port, "app_ro"), "select pg_is_in_recovery() as standby");
  expect(read).toEqual([{ standby: true }]);
});

it("makes a dump there, uploads it, and restores it on the primary", async () => {
  const rows = await checksums(onPrimary("app"));
  const lsn = await server.sql("select pg_current_wal_flush_lsn()");
  const standby = asSuperuser("app", known.standbys.standby);
  await until("the standby has all of it", () => replayed(standby, lsn));
  const dump = await command("dump");
  expect([dump.result, dump.databases]).toEqual([
    "success",
    expect.arrayContaining([expect.objectContaining({ database: "app", source: "standby" })]),
  ]);
  expect((await command("verify-dump", "app")).database).toBe("app");
  const restored = await command("restore-dump", "app");
  expect(restored.database).not.toBe("app");
  expect(await checksums(onPrimary(restored.database))).toEqual(rows);
  await sql(onPrimary("postgres"), `drop database "${restored.database}"`);
  await command("upload");
  const archive = await engine.docker("exec", stack.container("duplicati"), "ls", "/archive");
  expect(archive).toMatch(/^duplicati-/m);
});

it("answers the operator: status, health, doctor, logs, pools and connections", async () => {
  // Each look is a connection by ssh, and a busy machine can be too slow for one.
  for (const words of [["health"], ["status"], ["doctor"]]) {
    const good = async () => (await stack.laterbase(...words)).code === 0;
    await until(`${words.join(" ")} finds everything good`, good, 240);
  }
  const status = await command("status");
  expect([status.verdict, wrongIn(status)]).toEqual(["healthy", []]);
  for (const role of roles) {
    const { code, stderr } = await stack.laterbase("logs", role, "--tail", "3");
    expect([role, code, stderr]).toEqual([role, 0, ""]);
  }
  expect((await stack.laterbase("logs", "agent")).stdout).toContain("dump");
  expect((await command("pools")).pooler).toBe(stack.container("pooler"));
  expect((await command("connections"))["app"].pooled).toBe(
    `postgresql://${known.pooler.host}:18303/app`,
  );
  const answer = await fetch(known.health.url);
  const { status: said } = (await answer.json()) as { status: string };
  expect([answer.status, said]).toEqual([200, "healthy"]);
});

it("opens psql on the primary and on each standby", async () => {
  const on = async (...words: string[]) => {
    const question = "select pg_is_in_recovery(), current_setting('cluster_name'), current_user;\n";
    const { code, stdout, stderr } = await stack.piped(question, "shell", "app", ...words);
    expect([code, stderr]).toEqual([0, ""]);
    return stdout
      .split("\n")[2]!
      .split("|")
      .map((word) => word.trim());
  };
  expect(await on()).toEqual(["f", "", superuser]);
  expect(await on("--standby")).toEqual(["t", "standby", superuser]);
  expect(await on("--standby", "second")).toEqual(["t", "second", superuser]);
  const wrong = await stack.laterbase("shell", "app", "--standby", "third");
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    `laterbase: The stack ${stack.name} has no standby "third": choose from second, standby.\n`,
  ]);
});

it("has both kinds of servers in pgAdmin", async () => {
  const page = await PgAdminPage.open(known.pgAdmin);
  try {
    const { name } = known.pgAdmin.servers.at(-1);
    expect(await page.query(name, "select pg_is_in_recovery()")).toEqual(["true"]);
  } finally {
    await page.close();
  }
});

it("leaves the primary as it was, and only its data volumes there", async () => {
  await sql(onPrimary("app"), "delete from kept where id = 50001");
  await stack.destroy("--exclude-protected");
  expect(await server.snapshot()).toEqual(untouched);
  expect(await engine.docker("ps", "--all", "--quiet")).toBe("");
  const volumes = await engine.docker("volume", "ls", "--format", "{{.Name}}");
  expect(volumes).toContain(`${stack.container("standby")}-data`);
  expect([engine.proxy.refused, local.refused]).toEqual([[], []]);
});
