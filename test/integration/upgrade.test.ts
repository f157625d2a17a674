import { OldProgram, oldCommit } from "../support/oldProgram";
import { ok } from "../support/process";
import { checksums, sql, Stack } from "../support/stack";

jest.setTimeout(600_000);

// A stack that the program of a former commit made, taken over by the program of this checkout.
// The stack has a pgAdmin because its password is an output. The trials do the same with an external primary.
const old = new OldProgram();
const stack = new Stack("t-upgrade");
const roles = ["primary-data", "standby-data", "backups", "agent-records", "duplicati-data"];

interface Outputs {
  connections: { app: Record<"direct" | "pooled" | "standby", string> & { internal?: object } };
  pgAdmin: { password: string; servers: { username: string }[] };
  duplicati: { password: string; passphrase: string };
}

interface Before {
  outputs: Outputs;
  passwords: string[];
  volumes: string;
  clone: string;
  rows: Record<string, string>;
}

let before: Before;

/**
 * Birth and inode of each volume's folder: a volume that was replaced has others. Docker's own CreatedAt
 * changes with each file that comes or goes.
 */
async function volumes(): Promise<string> {
  const image = await ok("docker", [
    ...["inspect", "--format", "{{.Config.Image}}", stack.container("primary")],
  ]);
  const folders = roles.map((role) => `/volumes/${role}`);
  const mounts = roles.map((role, i) => `${stack.container(role)}:${folders[i]}:ro`);
  return ok("docker", [
    ...["run", "--rm", ...mounts.flatMap((mount) => ["--volume", mount])],
    ...["--entrypoint", "stat", image.trim(), "--format", "%n %W %i", ...folders],
  ]);
}

/** The birth and the inode of a file that only a new clone makes anew. */
const clone = () =>
  ok("docker", [
    ...["exec", stack.container("standby"), "stat", "-c", "%W %i"],
    "/var/lib/postgresql/standby/data/PG_VERSION",
  ]);

async function observe(): Promise<Before> {
  const outputs = await stack.outputs<Outputs>();
  return {
    outputs,
    passwords: (await stack.generatedPasswords()).sort(),
    volumes: await volumes(),
    clone: await clone(),
    rows: await checksums(outputs.connections.app.direct),
  };
}

beforeAll(async () => {
  await old.checkOut();
  await stack.configure({
    primary: { kind: "managed", version: 17, port: 18270, databases: ["app"] },
    standbys: [{ name: "standby", port: 18271 }],
    pooler: { port: 18272 },
    pgAdmin: { port: 18273, email: "me@example.com" },
    dumps: { schedule: "@yearly", retentionDays: 1, retentionCount: 1 },
    duplicati: { port: 18274, target: "file:///archive", schedule: "@yearly" },
  });
  stack.use(old.folder);
  await stack.up();
  const { connections } = await stack.outputs<Outputs>();
  await sql(
    connections.app.direct,
    "create table marker as select g, md5(g::text) from generate_series(1, 10000) g",
  );
  before = await observe();
  stack.use();
}, 900_000);

afterAll(async () => {
  await stack.remove().finally(() => old.remove());
}, 600_000);

it(`takes over the stack of commit ${oldCommit}: the same volumes, passwords and clone`, async () => {
  await stack.up();
  const now = await observe();
  // Four are new: those of pgAdmin's role and of the database's owner, the key that signs manifests, and the
  // passphrase of backups.
  expect(now.passwords).toEqual(expect.arrayContaining(before.passwords));
  expect(now.passwords).toHaveLength(before.passwords.length + 4);
  // pgAdmin connected as the superuser.
  const servers = before.outputs.pgAdmin.servers.map((server) => ({
    ...server,
    username: "laterbase_t_upgrade_pgadmin",
  }));
  const { connections } = now.outputs;
  for (const way of ["direct", "pooled", "standby"] as const) {
    const [was, is] = [before.outputs, now.outputs].map((one) => new URL(one.connections.app[way]));
    expect([is!.host, is!.pathname]).toEqual([was!.host, was!.pathname]);
    expect([was!.username, is!.username]).toEqual(["postgres", "app"]);
  }
  expect(now.outputs).toEqual({
    ...before.outputs,
    connections,
    pgAdmin: { ...before.outputs.pgAdmin, servers },
  });
  const { volumes: kept, clone: same, rows } = before;
  expect(now).toMatchObject({ volumes: kept, clone: same, rows });
});

it("leaves every login as it was", async () => {
  const where = "select count(*)::int as rows, pg_is_in_recovery() as standby from marker";
  const { direct, pooled, standby } = before.outputs.connections.app;
  expect(await sql(direct, where)).toEqual([{ rows: 10_000, standby: false }]);
  expect(await sql(pooled, where)).toEqual([{ rows: 10_000, standby: false }]);
  expect(await sql(standby, where)).toEqual([{ rows: 10_000, standby: true }]);
});

it("gives the database and what the superuser had there to a role of its own", async () => {
  const { connections } = await stack.outputs<Outputs>();
  const where =
    "select current_user as who, count(*)::int as rows, pg_is_in_recovery() as standby from marker group by 1";
  const { direct, pooled, standby } = connections.app;
  for (const [uri, isStandby] of [
    [direct, false],
    [pooled, false],
    [standby, true],
  ] as const) {
    expect(await sql(uri, where)).toEqual([{ who: "app", rows: 10_000, standby: isStandby }]);
  }
  const owners =
    "select tableowner, pg_get_userbyid(datdba) as of_database from pg_tables, pg_database where tablename = 'marker' and datname = current_database()";
  expect(await sql(direct, owners)).toEqual([{ tableowner: "app", of_database: "app" }]);
  await sql(direct, "alter table marker add column more int");
});

it("runs Duplicati without root on the data that it wrote as root, and limits every container", async () => {
  const duplicati = stack.container("duplicati");
  const inside = (script: string) => ok("docker", ["exec", duplicati, "bash", "-c", script]);
  expect(await inside("id -u; id -g; grep CapEff /proc/1/status")).toBe(
    "8200\n999\nCapEff:\t0000000000000000\n",
  );
  expect(await inside("find /data /archive ! -user 8200")).toBe("");
  // It could read and write its data: the step of the job has changed it.
  expect(await inside("find /data -name '*.json' -size +0 | wc -l")).toBe("1\n");
  const names = (
    await ok("docker", [
      ...["ps", "--filter", `label=laterbase.stack=${stack.name}`, "--format", "{{.Names}}"],
    ])
  ).trim();
  const format = "{{.HostConfig.PidsLimit}}";
  const limits = await ok("docker", ["inspect", "--format", format, ...names.split("\n")]);
  expect(limits.trim().split("\n").sort()).toEqual(
    ["128", "256", "4096", "4096", "512", "512", "64", "64"].sort(),
  );
});

it("has nothing to do afterwards", async () => {
  await stack.preview("--expect-no-changes");
});
