import { parse } from "yaml";
import { readFileSync } from "node:fs";
import { PooledLoad } from "../support/pooledLoad";
import { ok, until } from "../support/process";
import { sql } from "../support/stack";
import { WholeStack } from "../support/wholeStack";

// Secrets of a running stack are replaced by the operator's command, by the real CLI on a real engine, while clients
// work through the pooler without a break. The trial `rotate` does the same with every secret.
const stack = new WholeStack("t-rotate", "app");
jest.setTimeout(300_000);

beforeAll(async () => {
  await stack.configure({
    primary: { kind: "managed", version: 17, port: 18431, databases: ["app"] },
    standbys: [{ name: "standby", port: 18432 }],
    pooler: { port: 18433, poolSize: 10 },
  });
  await stack.apply();
  await sql(
    stack.uris.direct,
    "create table counters as select id, 0 as n from generate_series(0, 99) id",
  );
}, 300_000);

afterAll(() => stack.remove(), 120_000);

const counters = async () => {
  const [row] = await sql(stack.uris.direct, "select sum(n)::int as n from counters");
  return row.n as number;
};

const containers = () =>
  ok("docker", ["ps", "--quiet", "--no-trunc", "--filter", "label=laterbase.stack=t-rotate"]);

/** What the state knows of the passwords, by the names of their resources. */
async function passwords(): Promise<Record<string, boolean>> {
  const { deployment } = JSON.parse(await stack.state()) as {
    deployment: { resources: { type: string; urn: string; protect?: boolean }[] };
  };
  const all = deployment.resources.filter(({ type }) => type.endsWith(":RandomPassword"));
  return Object.fromEntries(
    all.map(({ urn, protect }) => [urn.split("::").at(-1), protect === true]),
  );
}

/** Whether a password of the replication role opens a replication connection from the standby. */
async function replicates(password: string): Promise<boolean> {
  const uri = `host=primary user=laterbase_t_rotate replication=true dbname=replication`;
  const script = `PGPASSWORD=$1 psql -XAtqwc IDENTIFY_SYSTEM "$2"`;
  const { code, stderr } = await stack.inContainer("standby", [
    "bash",
    "-c",
    script,
    "-",
    password,
    uri,
  ]);
  if (code !== 0) expect(stderr).toContain("password authentication failed");
  return code === 0;
}

const streaming = async () => {
  const found = await sql(stack.uris.direct, "select state from pg_stat_replication");
  return found.map(({ state }) => state as string).join() === "streaming";
};

it("replaces secrets under load: no transaction fails, nothing restarts, the old ones are refused", async () => {
  const before = { ...stack.uris };
  const [ran, drawn] = [await containers(), await stack.passwordsByName()];
  const pooledRead = before.pooled.replace(/\/app$/, "/app_ro");
  const load = new PooledLoad()
    .add("writer", before.pooled, 20, "update counters set n = n + 1 where id = $1")
    .add("thinker", before.pooled, 30, "update counters set n = n + 1 where id = 50 + $1", 3000)
    .add("reader", pooledRead, 10, "select n from counters where id = $1");
  await load.works();
  const first = await stack.command("rotate", "superuser", "--yes");
  const again = await stack.command("rotate", "superuser", "--yes");
  const replication = await stack.command("rotate", "replication", "--yes");
  expect(await load.end()).toEqual([]);
  expect([first, again, replication]).toEqual(
    [
      ["superuser", 1],
      ["superuser", 2],
      ["replication", 1],
    ].map(([secret, rotation]) => ({
      secret,
      rotation,
      file: expect.stringMatching(/stack\.yaml$/),
      finished: false,
    })),
  );
  expect(await containers()).toBe(ran);

  await stack.readOutputs();
  expect(await counters()).toBeGreaterThan(500);
  for (const way of ["direct", "pooled", "standby"] as const) {
    expect(stack.uris[way]).not.toBe(before[way]);
    await expect(sql(before[way], "select 1")).rejects.toThrow(/password|SASL/);
    expect(await sql(stack.uris[way], "select 1 as one")).toEqual([{ one: 1 }]);
  }
  const now = await stack.passwordsByName();
  expect(await replicates(drawn["preparation-password"]!)).toBe(false);
  expect(await replicates(now["preparation-password-1"]!)).toBe(true);
  // The one before loses its protection, so that the next rotation can delete it.
  expect(await passwords()).toMatchObject({
    "primary-superuser": true,
    "primary-superuser-1": false,
    "primary-superuser-2": true,
    "preparation-password": false,
    "preparation-password-1": false,
  });
});

it("leaves a standby that comes back with the new password, and nothing to change", async () => {
  await sql(stack.uris.direct, "select pg_terminate_backend(pid) from pg_stat_replication");
  await until("the standby streams again", streaming);
  expect((await stack.wrapped("preview")).stdout).toContain("Nothing changes in stack t-rotate.");
  // A new container of the standby is made with the first password, and gets the present one at once.
  await ok("docker", ["rm", "--force", stack.container("standby")]);
  await stack.up("--refresh");
  await until("the new container streams", streaming);
});

it("refuses an older number, and says what it must be", async () => {
  const file = `${stack.folder}/stack.yaml`;
  expect((parse(readFileSync(file, "utf8")) as { config: unknown }).config).toMatchObject({
    "laterbase:rotations": { superuser: 2, replication: 1 },
  });
  stack.edit((text) => text.replace("superuser: 2", "superuser: 1"));
  const { code, stderr } = await stack.wrapped("preview");
  expect(stderr).toBe("x");
  expect(code).not.toBe(0);
});
