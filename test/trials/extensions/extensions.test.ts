import { createHash } from "node:crypto";
import type { JobRecord } from "../../../contract/jobRecord";
import { ok, until } from "../../support/process";
import { sql, Stack } from "../../support/stack";

// PostGIS and pgvector in one stack of the real program: replicated, dumped, restored beside and in place, brought
// back to a moment, drilled. Rows are compared by the checksum of what COPY gives, on every side.
// LATERBASE_MAJOR chooses the server. Debian bookworm's pgvector has no hnsw yet, and bullseye has no pgvector.
const major = Number(process.env["LATERBASE_MAJOR"] ?? 17);
const vectors = major >= 15;
const nearestBy = major >= 17 ? "hnsw" : "ivfflat";
jest.setTimeout(900_000);

const stack = new Stack("t-extended");
const config = {
  primary: {
    ...{ kind: "managed", version: major, port: 18771, databases: ["places"] },
    extensions: vectors ? ["postgis", "pgvector"] : ["postgis"],
  },
  standbys: [{ name: "standby", port: 18772 }],
  dumps: {},
  backups: { repositories: [{ type: "posix" }], compression: { type: "lz4" } },
};

/** Asks a server of the stack as its superuser, on its socket. */
async function asked(role: string, text: string, database = "places"): Promise<string> {
  const socket = role === "standby" ? "standby" : "primary";
  const words = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", `/run/pg/${socket}`];
  const who = ["-U", "postgres", "-d", database, "-c", text];
  return (await ok("docker", ["exec", stack.container(role), ...words, ...who])).trim();
}

/** Every kind of column that the extensions bring, and what they are computed from. */
const tables = [
  "spots",
  "areas",
  "near",
  "spatial_ref_sys",
  ...(vectors ? ["looks", "looks_old"] : []),
];

/** What COPY gives of each table, as a checksum. */
async function sums(role: string, database = "places"): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const table of tables) {
    const copied = await asked(
      role,
      `COPY (SELECT * FROM public.${table} AS t ORDER BY t::text) TO STDOUT`,
      database,
    );
    const rows = copied.split("\n").length;
    all[table] = `${rows} rows ${createHash("sha256").update(copied).digest("hex")}`;
  }
  return all;
}

/** Questions that only an index of an extension answers quickly, each with the index that must answer. */
const questions: [index: string, question: string][] = [
  ["spots_at_gist", "SELECT name FROM spots WHERE at && ST_MakeEnvelope(0, 0, 4.5, 90, 4326)"],
  ["spots_at_gist", "SELECT name FROM spots ORDER BY at <-> 'SRID=4326;POINT(7.1 14)' LIMIT 3"],
  [
    "spots_flat",
    "SELECT name FROM spots WHERE ST_Transform(at, 3857) && ST_Transform('SRID=4326;POINT(5 10)'::geometry, 3857)",
  ],
  ["areas_ground", "SELECT id FROM areas WHERE ground && ST_MakeEnvelope(0, 0, 2, 2, 4326)"],
  ["areas_around", "SELECT id FROM areas WHERE around && 'SRID=4326;POINT(3 3)'::geography"],
  ...(vectors
    ? ([
        ["looks_nearest", "SELECT id FROM looks ORDER BY face <-> '[7.2,1,2]' LIMIT 3"],
        ["looks_btree", "SELECT id FROM looks WHERE face = '[9,1,2]'"],
      ] as [string, string][])
    : []),
];

/** The answers to them, when no table is read from end to end. */
async function answers(role: string, database = "places"): Promise<string[]> {
  const said: string[] = [];
  for (const [index, question] of questions) {
    const only = "SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = on;";
    const plan = await asked(role, `${only} EXPLAIN ${question}`, database);
    if (!plan.includes(index)) throw new Error(`${index} does not answer ${question}:\n${plan}`);
    const rows = (await asked(role, `${only} ${question}`, database)).split("\n").sort();
    said.push(`${index} ${rows.join(" ")}`);
  }
  return said;
}

async function must<Result = Record<string, any>>(...words: string[]): Promise<Result> {
  const { code, stdout, stderr } = await stack.laterbase(...words, "--json");
  if (code === 0) return JSON.parse(stdout) as Result;
  throw new Error(`laterbase ${words.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
}

const made = `
CREATE TABLE spots (name text PRIMARY KEY, at geometry(Point, 4326) NOT NULL, high geometry(PointZM),
  x double precision GENERATED ALWAYS AS (ST_X(at)) STORED, CHECK (ST_IsValid(at)));
CREATE INDEX spots_at_gist ON spots USING gist (at);
CREATE INDEX spots_high_spgist ON spots USING spgist (high);
CREATE INDEX spots_high_brin ON spots USING brin (high);
CREATE INDEX spots_at_btree ON spots (at);
CREATE INDEX spots_flat ON spots USING gist (ST_Transform(at, 3857));
CREATE TABLE areas (id int PRIMARY KEY, ground geometry(Polygon, 4326), around geography(Polygon, 4326));
CREATE INDEX areas_ground ON areas USING gist (ground);
CREATE INDEX areas_around ON areas USING gist (around);
INSERT INTO spots SELECT 's' || i, ST_SetSRID(ST_MakePoint(i / 100.0, i / 50.0), 4326), ST_MakePoint(i, 2, 3, 4)
  FROM generate_series(1, 4000) i;
INSERT INTO areas SELECT i, g, g FROM generate_series(1, 800) i,
  LATERAL (SELECT ST_MakeEnvelope(i / 40.0, i / 40.0, i / 40.0 + 1, i / 40.0 + 1, 4326) AS g) made;
CREATE MATERIALIZED VIEW near AS
  SELECT s.name, a.id, ST_Distance(s.at, ST_Centroid(a.ground)) AS far FROM spots s JOIN areas a ON ST_Within(s.at, a.ground)
   WHERE a.id % 40 = 0;`;
const madeOfVectors = `
CREATE TABLE looks (id int PRIMARY KEY, face vector(3), any_size vector);
CREATE INDEX looks_nearest ON looks USING ${nearestBy} (face vector_l2_ops);
CREATE INDEX looks_cosine ON looks USING ${nearestBy} (face vector_cosine_ops);
CREATE INDEX looks_btree ON looks (face);
INSERT INTO looks SELECT i, ARRAY[i, 1, 2]::vector, ARRAY[i, i]::vector FROM generate_series(1, 2000) i;
CREATE TABLE looks_old (id int, face vector(3)) PARTITION BY RANGE (id);
CREATE TABLE looks_old1 PARTITION OF looks_old FOR VALUES FROM (0) TO (500);
CREATE TABLE looks_old2 PARTITION OF looks_old FOR VALUES FROM (500) TO (1000);
CREATE INDEX ON looks_old USING ${nearestBy} (face vector_l2_ops);
INSERT INTO looks_old SELECT i, ARRAY[1, i, 2]::vector FROM generate_series(0, 999) i;`;

/** Waits until the standby has what is committed on the primary. */
async function caughtUp(): Promise<void> {
  const lsn = await asked("primary", "SELECT pg_current_wal_flush_lsn()");
  const reached = `SELECT pg_last_wal_replay_lsn() >= '${lsn}'`;
  await until("the standby has replayed", async () => (await asked("standby", reached)) === "t");
}

beforeAll(async () => {
  await stack.configure(config);
  await stack.up();
  const { connections } = await stack.outputs();
  // The database's owner makes everything. A reference system of one's own needs the superuser.
  await sql(connections.places.direct, made + (vectors ? madeOfVectors : ""));
  await asked(
    "primary",
    `INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
     SELECT 990001, 'own', 1, srtext, proj4text FROM spatial_ref_sys WHERE srid = 3857`,
  );
  await asked("primary", "ANALYZE");
});

afterAll(() => stack.remove(), 300_000);

it("answers on the standby as on the primary, by the same indexes", async () => {
  await caughtUp();
  const wanted = await sums("primary");
  expect(wanted["spots"]).toMatch(/^4000 rows /);
  expect(await sums("standby")).toEqual(wanted);
  const said = await answers("primary");
  expect(said[0]).toContain("s449");
  expect(await answers("standby")).toEqual(said);
});

it("restores a dump beside and in place, with the rows and the indexes of the dump", async () => {
  const wanted = await sums("primary");
  const said = await answers("primary");
  await must("dump", "places");
  const beside = await must("restore-dump", "places", "--as", "again");
  expect([beside["missing"], beside["differences"]]).toEqual([[], []]);
  expect(await sums("primary", "again")).toEqual(wanted);
  await asked("primary", "ANALYZE", "again");
  expect(await answers("primary", "again")).toEqual(said);
  const indexes = (database: string) =>
    asked(
      "primary",
      `SELECT indexrelid::regclass::text, indisvalid, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid::regclass::text !~ '^pg_' ORDER BY 1`,
      database,
    );
  expect(await indexes("again")).toBe(await indexes("places"));

  await asked("primary", "DELETE FROM spots WHERE x > 10; UPDATE areas SET ground = NULL");
  expect(await sums("primary")).not.toEqual(wanted);
  const placed = await must("restore-dump", "places", "--in-place", "--yes");
  expect([placed["missing"], placed["differences"]]).toEqual([[], []]);
  expect(await sums("primary")).toEqual(wanted);
  await asked("primary", "ANALYZE");
  expect(await answers("primary")).toEqual(said);
  // The owner goes on as before, with the functions of the extensions.
  const { connections } = await stack.outputs();
  await sql(
    connections.places.direct,
    "INSERT INTO spots VALUES ('new', 'SRID=4326;POINT(1 1)', NULL); REFRESH MATERIALIZED VIEW near",
  );
  await caughtUp();
  expect(await sums("standby")).toEqual(await sums("primary"));
  expect((await must("verify-dump", "places"))["problems"] ?? []).toEqual([]);
});

it("brings a moment back beside the primary, and its B-trees fit their tables", async () => {
  // A backup's end is known to the second, and a plan takes the end of that.
  await must("backup", "full");
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await asked("primary", "UPDATE spots SET at = ST_Translate(at, 0, 1) WHERE x < 5");
  const wanted = await sums("primary");
  const said = await answers("primary");
  const at = await asked("primary", "SELECT clock_timestamp() AT TIME ZONE 'UTC' || '+00'");
  await asked("primary", "DELETE FROM spots");
  await must("check");
  const restored = await must("restore", "--to-time", at);
  expect(restored["port"]).toEqual(expect.any(Number));
  expect(await sums("restored")).toEqual(wanted);
  expect(await answers("restored")).toEqual(said);
  const checked = await asked(
    "restored",
    `CREATE EXTENSION amcheck;
     SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM (
       SELECT i.indexrelid, bt_index_check(i.indexrelid, true) FROM pg_index i
         JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE a.amname = 'btree' AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'i' OFFSET 0) checked
       JOIN pg_class c ON c.oid = checked.indexrelid`,
  );
  expect(checked).toContain("spots_at_btree");
  if (vectors) expect(checked).toContain("looks_btree");
  await must("restore", "--remove", "--yes");
});

it("proves all of it by a drill, and says which indexes nothing compares", async () => {
  const { result, drills = [] } = await must<JobRecord>("drill");
  const [drill] = drills;
  expect([result, Object.values(drill!.proofs).map((one) => one.result)]).toEqual([
    "success",
    ["proven", "proven", "proven", "proven"],
  ]);
  // A materialized view of an application, in each database that has it: see docs/backups.md.
  const unproven = drill!.unproven?.first.map(({ name }) => name) ?? [];
  expect(new Set(unproven)).toEqual(new Set(["public.near"]));
  expect(drill!.proofs.pages.detail).toMatch(/B-trees fit their tables, and/);
  const kinds = vectors ? `brin, gist, ${nearestBy} and spgist` : "brin, gist and spgist";
  expect(drill!.proofs.pages.detail).toContain(kinds);
});

it("restores the whole server in place with them", async () => {
  const at = await asked("primary", "SELECT clock_timestamp() AT TIME ZONE 'UTC' || '+00'");
  const wanted = await sums("primary");
  await asked("primary", "DROP TABLE areas CASCADE");
  await must("check");
  await must("restore", "--in-place", "--yes", "--to-time", at);
  expect(await sums("primary")).toEqual(wanted);
  await until("the standby has every row", async () => {
    const there = await sums("standby").catch(() => ({}));
    return JSON.stringify(there) === JSON.stringify(wanted);
  });
  await must("restore", "--accept", "--yes");
  await stack.preview("--expect-no-changes");
});
