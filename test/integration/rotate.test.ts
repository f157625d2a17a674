import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { PooledLoad } from "../support/pooledLoad";
import { ok, until } from "../support/process";
import { sql, Stack } from "../support/stack";

// Secrets of a running stack are replaced by the operator's command, by the real CLI on a real engine, while clients
// work through the pooler without a break. The trial `rotate` does the same with every secret.
const stack = new Stack("t-rotate");
const at = { direct: 18431, standby: 18432, pooled: 18433 };
jest.setTimeout(600_000);

type Uris = Record<keyof typeof at, string>;
let uris: Uris;
const readUris = async (): Promise<Uris> =>
  (await stack.outputs<{ connections: { app: Uris } }>()).connections.app;

beforeAll(async () => {
  await stack.configure({
    primary: { kind: "managed", version: 17, port: at.direct, databases: ["app"] },
    applications: { jarvis: { database: "app" } },
    standbys: [{ name: "standby", port: at.standby }],
    pooler: { port: at.pooled, poolSize: 10 },
  });
  await stack.up();
  uris = await readUris();
  await sql(
    uris.direct,
    "create table counters as select id, 0 as n from generate_series(0, 199) id",
  );
}, 600_000);

afterAll(() => stack.remove(), 600_000);

const count = async () => {
  const [row] = await sql(uris.direct, "select sum(n)::int as n from counters");
  return row.n as number;
};

const containers = () =>
  ok("docker", ["ps", "--quiet", "--no-trunc", "--filter", "label=laterbase.stack=t-rotate"]);

/** The superuser's address, with a password. */
const superuser = (password: string, way: keyof typeof at, database = "app") =>
  `postgresql://postgres:${password}@127.0.0.1:${at[way]}/${database}`;

/** Whether each generated password is protected, by the names of their resources. */
async function protection(): Promise<Record<string, boolean>> {
  const { deployment } = JSON.parse(await stack.state()) as {
    deployment: { resources: { type: string; urn: string; protect?: boolean }[] };
  };
  const all = deployment.resources.filter(({ type }) => type.endsWith(":RandomPassword"));
  return Object.fromEntries(
    all.map(({ urn, protect }) => [urn.split("::").at(-1), protect === true]),
  );
}

/** Whether the replication role may copy the server with this password, from the standby. */
async function replicates(password: string): Promise<boolean> {
  const uri = "host=primary user=laterbase_t_rotate replication=true dbname=replication";
  const script = `PGPASSWORD=$1 psql -XAtqwc IDENTIFY_SYSTEM "$2"`;
  const words = ["bash", "-c", script, "-", password, uri];
  const { code, stderr } = await stack.inContainer("standby", words);
  if (code !== 0) expect(stderr).toContain("password authentication failed");
  return code === 0;
}

async function streams(): Promise<boolean> {
  const { "primary-superuser-1": password } = await stack.passwordsByName();
  const found = await sql(
    superuser(password!, "direct"),
    "select state from pg_stat_replication where state = 'streaming'",
  );
  return found.length === 1;
}

it("replaces secrets under load: no transaction fails, nothing restarts, the old ones are refused", async () => {
  const before = { ...uris };
  const [ran, drawn] = [await containers(), await stack.passwordsByName()];
  const update = (from: number) => `update counters set n = n + 1 where id = ${from} + $1::int`;
  const read = "select n from counters where id = $1";
  const load = new PooledLoad()
    .add("writer", before.pooled, 20, update(0))
    // Each comes back when its pool has closed or filled its connections meanwhile.
    .add("thinker", before.pooled, 40, update(50), 3000)
    .add("reader", `${before.pooled}_ro`, 10, read)
    .add("superuser", superuser(drawn["primary-superuser"]!, "pooled"), 10, update(100));
  await load.works();
  const made = [];
  for (const secret of ["jarvis", "superuser", "replication"]) {
    const { code, stdout, stderr } = await stack.laterbase("--json", "rotate", secret, "--yes");
    expect([code, stderr]).toEqual([0, expect.stringContaining(`that ${secret} is replaced`)]);
    made.push(JSON.parse(stdout) as object);
  }
  expect(await load.end()).toEqual([]);
  const wanted = [
    ["jarvis", 1],
    ["superuser", 1],
    ["replication", 1],
  ].map(([secret, rotation]) => ({
    ...{ secret, rotation, finished: false },
    file: expect.stringMatching(/stack\.yaml$/) as string,
  }));
  expect(made).toEqual(wanted);
  expect(await containers()).toBe(ran);

  uris = await readUris();
  expect([await count(), load.done > 1000]).toEqual([load.written, true]);
  const now = await stack.passwordsByName();
  for (const way of ["direct", "pooled", "standby"] as const) {
    for (const old of [before[way], superuser(drawn["primary-superuser"]!, way)]) {
      await expect(sql(old, "select 1")).rejects.toThrow(/password|SASL/);
    }
    for (const own of [uris[way], superuser(now["primary-superuser-1"]!, way)]) {
      expect(await sql(own, "select 1 as one")).toEqual([{ one: 1 }]);
    }
  }
  expect(await replicates(drawn["preparation-password"]!)).toBe(false);
  expect(await replicates(now["preparation-password-1"]!)).toBe(true);
  expect(await protection()).toMatchObject({
    "primary-superuser": true,
    "primary-superuser-1": true,
    "preparation-password-1": false,
  });
});

it("leaves nothing to change, and a standby that comes back with the new password", async () => {
  expect((await stack.wrapped("preview")).stdout).toContain("Nothing changes in stack t-rotate.");
  const { "primary-superuser-1": password } = await stack.passwordsByName();
  await sql(
    superuser(password!, "direct"),
    "select pg_terminate_backend(pid) from pg_stat_replication",
  );
  await until("the standby streams again", streams);
  // A new container is made with the first password, and gets the present one before it is waited for.
  await ok("docker", ["rm", "--force", stack.container("standby")]);
  await stack.up("--refresh");
  await until("the new container streams", streams);
});

it("refuses an older number, because an older secret would be valid again", async () => {
  const read = () => readFileSync(`${stack.folder}/stack.yaml`, "utf8");
  expect((parse(read()) as { config: unknown }).config).toMatchObject({
    "laterbase:rotations": { jarvis: 1, superuser: 1, replication: 1 },
  });
  stack.edit((text) => text.replace(/ *superuser: 1\n/, ""));
  const { code, stderr } = await stack.wrapped("preview");
  expect(stderr.trim()).toBe(
    "The state has the superuser secret number 1, which laterbase:rotations.superuser no longer asks for. " +
      "An older secret would become valid again: set it to 1 or 2.",
  );
  expect(code).not.toBe(0);
});
