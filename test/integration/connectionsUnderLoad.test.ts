import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { PgAdminPage } from "../support/pgAdminPage";
import { inTrials } from "../support/cases";
import { ok } from "../support/process";
import { sql, Stack } from "../support/stack";

// What `up` does to clients that are connected, by the real CLI on a real engine. The trials also resize a
// pool and restart the primary, which primaryLoginPooled.test.ts does without a stack.
const stack = new Stack("t-connections");
const config = (pooler: object = {}) => ({
  primary: { kind: "managed", version: 17, port: 18123, databases: ["app", "jobs"] },
  standbys: [{ name: "standby", port: 18124 }],
  pooler: { port: 18125, databases: { jobs: { mode: "session", poolSize: 5 } }, ...pooler },
  pgAdmin: { port: 18126, email: "me@example.com" },
});
const rotated = `of ${"the second day: \\'\"é "}`.trim();

jest.setTimeout(600_000);

interface Outputs {
  connections: Record<"app" | "jobs", Record<"direct" | "pooled" | "standby", string>>;
  pooler: { port: number; admin: { name: string; password: string } };
  pgAdmin: { url: string; email: string; password: string; servers: { name: string }[] };
}

let outputs: Outputs;

async function up(): Promise<void> {
  await stack.up();
  outputs = await stack.outputs<Outputs>();
}

/** Clients of the pooler. Each runs one transaction after the other until `stop`. */
class Load {
  readonly errors: string[] = [];
  done = 0;
  private running = true;
  private readonly loops: Promise<void>[];

  constructor(uri: string, clients: number) {
    this.loops = Array.from({ length: clients }, (_, id) => this.loop(uri, id));
  }

  private async loop(uri: string, id: number): Promise<void> {
    const client = new Client({ connectionString: uri });
    client.on("error", (error) => this.errors.push(error.message));
    try {
      await client.connect();
      while (this.running) {
        await client.query("begin");
        await client.query("update counters set n = n + 1 where id = $1", [id]);
        await client.query("commit");
        this.done++;
        await sleep(20);
      }
    } catch (error) {
      this.errors.push((error as Error).message);
    }
    await client.end().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
  }
}

/** Acts while thirty clients work, and expects each of their commits to be there. */
async function underLoad(act: () => Promise<unknown>): Promise<void> {
  await sql(outputs.connections.app.direct, "update counters set n = 0");
  const load = new Load(outputs.connections.app.pooled, 30);
  try {
    await sleep(1000);
    await act();
    await sleep(1000);
  } finally {
    await load.stop();
  }
  expect(load.errors).toEqual([]);
  const [row] = await sql(outputs.connections.app.direct, "select sum(n)::int as n from counters");
  expect([row.n, load.done > 100]).toEqual([load.done, true]);
}

async function asked(server: string): Promise<string[]> {
  const page = await PgAdminPage.open(outputs.pgAdmin);
  try {
    return await page.query(server, "select pg_is_in_recovery()");
  } finally {
    await page.close();
  }
}

const sizeOf = async (entry: string) => {
  const { name, password } = outputs.pooler.admin;
  const uri = `postgresql://${name}:${password}@127.0.0.1:18125/pgbouncer`;
  // By psql, because the console does not know the question that pg asks first.
  const found = await ok("docker", [
    ...["exec", stack.container("primary"), "psql", "-XAtq"],
    uri.replace("127.0.0.1:18125", "pooler:6432"),
    ...["-F", " ", "-c", "SHOW DATABASES"],
  ]);
  const line = found.split("\n").find((one) => one.startsWith(`${entry} `));
  // Name, host, port, database, forced user, size.
  return line?.split(" ")[5];
};

beforeAll(async () => {
  await stack.configure(config());
  await up();
  await sql(
    outputs.connections.app.direct,
    "create table counters as select id, 0 as n from generate_series(0, 29) id",
  );
}, 900_000);

afterAll(() => stack.remove(), 300_000);

it("gives connection strings of each kind that lead to the right server and database", async () => {
  const where = "select current_database() as name, pg_is_in_recovery() as standby";
  for (const name of ["app", "jobs"] as const) {
    const { direct, pooled, standby } = outputs.connections[name];
    expect(await sql(direct, where)).toEqual([{ name, standby: false }]);
    expect(await sql(pooled, where)).toEqual([{ name, standby: false }]);
    expect(await sql(`${pooled}_ro`, where)).toEqual([{ name, standby: true }]);
    expect(await sql(standby, where)).toEqual([{ name, standby: true }]);
  }
  const refused = sql(`${outputs.connections.app.pooled}_ro`, "update counters set n = 1");
  await expect(refused).rejects.toThrow("read-only transaction");
});

it("keeps its console from the applications' login", async () => {
  const uri = outputs.connections.app.pooled.replace(/app$/, "pgbouncer");
  await expect(sql(uri, "SHOW VERSION")).rejects.toThrow(/not allowed|no such|denied|login/i);
});

it("shows both servers in pgAdmin, which opens them without a typed password", async () => {
  expect(outputs.pgAdmin.servers.map(({ name }) => name)).toEqual(["primary", "standby"]);
  const page = await PgAdminPage.open(outputs.pgAdmin);
  const shown = await page.servers().finally(() => page.close());
  expect(shown["Laterbase"]).toEqual(outputs.pgAdmin.servers.map(({ name }) => name));
  expect(await asked("standby")).toEqual(["true"]);
});

it("previews nothing, and a second up does nothing", async () => {
  await stack.preview("--expect-no-changes");
  await stack.up("--expect-no-changes");
});

if (inTrials()) {
  it("resizes a pool under load without a failed transaction", async () => {
    const before = await ok("docker", ["inspect", "-f", "{{.Id}}", stack.container("pooler")]);
    await underLoad(async () => {
      await stack.configure(config({ poolSize: 7 }));
      await up();
    });
    expect(await ok("docker", ["inspect", "-f", "{{.Id}}", stack.container("pooler")])).toBe(
      before,
    );
    expect([await sizeOf("app"), await sizeOf("jobs")]).toEqual(["7", "5"]);
  });
}

it("changes the superuser's password under load without a failed transaction", async () => {
  const old = outputs.connections.app;
  await underLoad(async () => {
    await stack.configure(config(inTrials() ? { poolSize: 7 } : {}), {
      "primary.superuser.password": rotated,
    });
    await up();
  });
  for (const uri of Object.values(outputs.connections.app)) {
    expect(await sql(uri, "select 1 as one")).toEqual([{ one: 1 }]);
  }
  for (const uri of Object.values(old)) {
    await expect(sql(uri, "select 1")).rejects.toThrow(/authentication failed/);
  }
  expect(await asked("standby")).toEqual(["true"]);
  await stack.preview("--expect-no-changes");
});

if (inTrials()) {
  it("restarts the primary by the operator's command under load without an error", async () => {
    const started = "select pg_postmaster_start_time()::text as at";
    const [before] = await sql(outputs.connections.app.direct, started);
    await underLoad(async () => {
      const { code, stderr } = await stack.laterbase("restart-primary");
      expect([code, stderr]).toEqual([0, expect.any(String)]);
    });
    const [after] = await sql(outputs.connections.app.direct, started);
    expect(after.at).not.toBe(before.at);
  });
}

it("shows no password in the state, inspect, logs or processes", async () => {
  const passwords = [rotated, ...(await stack.generatedPasswords())];
  const names = ["primary", "standby", "pooler", "pgadmin"].map((role) => stack.container(role));
  const places = [await stack.state()];
  for (const name of names) {
    places.push(await ok("docker", ["inspect", name]), await ok("docker", ["logs", name]));
    places.push(await ok("docker", ["top", name, "-eo", "pid,args"]));
  }
  expect(passwords.length).toBeGreaterThan(4);
  for (const place of places) {
    expect(passwords.filter((password) => place.includes(password))).toEqual([]);
  }
});

it("leaves only its data volumes after destroy", async () => {
  await stack.destroy("--exclude-protected");
  const label = `label=laterbase.stack=${stack.name}`;
  expect(await ok("docker", ["ps", "--all", "--quiet", "--filter", label])).toBe("");
  const volumes = await ok("docker", ["volume", "ls", "-f", label, "--format", "{{.Name}}"]);
  expect(volumes.trim().split("\n").sort()).toEqual(
    ["pgadmin-data", "primary-data", "standby-data"].map((name) => stack.container(name)),
  );
});
