import { ok } from "../support/process";
import { Stack, sql } from "../support/stack";

jest.setTimeout(600_000);

// A real stack of 17 whose memory, settings and extensions change. What the servers say decides.
const stack = new Stack("t-settings");
const base = { kind: "managed", version: 17, port: 8310, databases: ["places", "other"] };
const small = { maxConnections: 15, memory: "436MB", extensions: ["postgis", "pgvector"] };
const standbys = [{ name: "standby", port: 8311, memory: "440MB" }];
const settings = { work_mem: "8MB", max_worker_processes: 12, log_min_duration_statement: "1s" };
const roles = ["primary", "standby"];

/** Brings the stack up with these keys of the primary, by what people run. */
async function applied(primary: object) {
  await stack.configure({ primary: { ...base, ...small, ...primary }, standbys, dumps: {} });
  const { code, stdout, stderr } = await stack.wrapped("up", "--yes");
  return { code, said: (stdout + stderr).replace(/\s+/g, " ") };
}
const shown = async (role: string, ...names: string[]) => {
  const words = ["psql", "-XAtq", "-h", `/run/pg/${role}`, "-U", "postgres", "-d", "template1"];
  const queries = names.flatMap((name) => ["-c", `SHOW ${name}`]);
  const said = await ok("docker", ["exec", stack.container(role), ...words, ...queries]);
  return said.trim().split("\n");
};
const inspected = async (role: string, what: string) =>
  (await ok("docker", ["inspect", "--format", what, stack.container(role)])).trim();
const starts = () => Promise.all(roles.map((role) => inspected(role, "{{.State.StartedAt}}")));
const places = async () => (await stack.outputs()).connections.places;

afterAll(() => stack.remove());

it("gives servers the memory, settings and extensions that the stack file names", async () => {
  const { code, said } = await applied({ settings });
  expect([code, said]).toEqual([0, expect.not.stringContaining("could not be created")]);
  const names = ["shared_buffers", "effective_cache_size", "maintenance_work_mem"];
  expect(await shown("primary", ...names)).toEqual(["109MB", "327MB", "27MB"]);
  expect(await shown("standby", ...names)).toEqual(["110MB", "330MB", "27MB"]);
  expect(await inspected("primary", "{{.HostConfig.Memory}}")).toBe(String(436 * 2 ** 20));
  expect(await inspected("standby", "{{.HostConfig.Memory}}")).toBe(String(440 * 2 ** 20));
  for (const role of roles) {
    expect(await shown(role, ...Object.keys(settings))).toEqual(["8MB", "12", "1s"]);
  }
  for (const database of ["places", "other"]) {
    const { direct } = (await stack.outputs()).connections[database];
    const made = await sql(direct, "select extname from pg_extension order by 1");
    expect(made.map(({ extname }) => extname)).toEqual(["plpgsql", "postgis", "vector"]);
  }
});

it("replicates, dumps and restores what the extensions store", async () => {
  const { direct, standby } = await places();
  await sql(
    direct,
    `create table spots (name text primary key, at geometry(Point, 4326), looks vector(3));
     create index on spots using gist (at); create index on spots using hnsw (looks vector_l2_ops);
     insert into spots select 's' || i, st_setsrid(st_makepoint(i, 2 * i), 4326), array[i, 1, 2]::vector
       from generate_series(1, 50) i`,
  );
  const nearest = `select name from spots order by looks <-> '[7.2,1,2]' limit 1`;
  const within = `select count(*)::int as n from spots where st_within(at, st_makeenvelope(0, 0, 9.5, 90, 4326))`;
  for (let tries = 0; tries < 100; tries++) {
    const [row] = await sql(standby, "select to_regclass('spots') is not null as there");
    if (row.there) break;
  }
  expect(await sql(standby, nearest)).toEqual([{ name: "s7" }]);
  expect(await sql(standby, within)).toEqual([{ n: 9 }]);
  const dumped = await stack.laterbase("dump", "places", "--json");
  expect([dumped.code, dumped.stderr]).toEqual([0, expect.any(String)]);
  const restored = await stack.laterbase("restore-dump", "places", "--as", "again", "--json");
  expect([restored.code, restored.stdout + restored.stderr]).toEqual([0, expect.any(String)]);
  const again = direct.replace(/\/places$/, "/again");
  expect(await sql(again, nearest)).toEqual([{ name: "s7" }]);
  expect(await sql(again, within)).toEqual([{ n: 9 }]);
});

it("applies by a reload what a reload puts in force", async () => {
  const before = await starts();
  const { code, said } = await applied({ settings: { ...settings, work_mem: "16MB" } });
  expect([code, said]).toEqual([0, expect.stringContaining("settings.work_mem 8MB → 16MB")]);
  expect(said).toContain("a reload applies it, nobody is cut");
  expect(await starts()).toEqual(before);
  for (const role of roles) expect(await shown(role, "work_mem")).toEqual(["16MB"]);
});

it("restarts for what needs it, and a standby never has less than the primary", async () => {
  const [before] = await starts();
  const raised = await applied({ settings: { ...settings, max_worker_processes: 16 } });
  expect([raised.code, raised.said]).toEqual([
    0,
    expect.stringContaining("every client reconnects"),
  ]);
  expect((await starts())[0]).not.toBe(before);
  expect(await shown("primary", "max_worker_processes", "work_mem")).toEqual(["16", "8MB"]);
  const { direct } = await places();
  for (let tries = 0; tries < 100; tries++) {
    const [row] = await sql(direct, "select count(*)::int as n from pg_stat_replication");
    if (row.n === 1 && Number((await shown("standby", "max_worker_processes"))[0]) >= 16) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(await shown("standby", "max_worker_processes", "work_mem")).toEqual(["16", "8MB"]);
});

it("refuses what PostgreSQL, Debian or a database refuses, before anything stops", async () => {
  const before = await starts();
  const { code, said } = await applied({
    settings: { ...settings, work_mem: "abc", no_such_thing: 1, max_worker_processes: -1 },
    extensions: ["postgis", "vector", "hstore"],
  });
  expect(code).not.toBe(0);
  // The preview before it says what PostgreSQL refuses.
  expect(said).toContain("(set in Pulumi.t-settings.yaml). So 'up' will refuse this.");
  for (const sentence of [
    'laterbase:primary.settings.work_mem is refused by PostgreSQL 17: invalid value for parameter "work_mem": "abc"',
    'laterbase:primary.settings.no_such_thing is refused by PostgreSQL 17: unrecognized configuration parameter "no_such_thing"',
    "laterbase:primary.settings.max_worker_processes is refused by PostgreSQL 17: -1 is outside the valid range",
    "laterbase:primary.extensions must name packages that Debian trixie has for PostgreSQL 17, such as pgvector; there is no postgresql-17-vector",
    'laterbase:primary.extensions must not name "hstore", which comes with PostgreSQL',
    'laterbase:primary.extensions must name pgvector, because the database "places" uses its extension vector',
  ]) {
    expect(said).toContain(sentence);
  }
  expect(await starts()).toEqual(before);
  for (const role of roles) expect(await shown(role, "work_mem")).toEqual(["8MB"]);
});
