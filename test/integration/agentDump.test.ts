import { PassThrough } from "node:stream";
import type { ListedDump } from "../../contract/agentReplies";
import type { JobRecord } from "../../contract/jobRecord";
import type { Manifest } from "../../contract/manifest";
import { type Agent, AgentLab } from "../support/agentLab";
import { cases } from "../support/cases";
import { caughtUp, checksum, sleep } from "../support/imageLab";
import { until } from "../support/process";

/** What a restore must bring back unchanged, and what no dump can hold. */
const schema = `
  CREATE TYPE mood AS ENUM ('gut', 'schlecht');
  CREATE DOMAIN percent AS numeric CHECK (VALUE BETWEEN 0 AND 100);
  CREATE SCHEMA "My Schema";
  CREATE TABLE "My Schema"."Tàble ""1""" AS
    SELECT n AS id, md5(n::text) AS "te xt", n::numeric / 7 AS part, (n / 3.0)::float8 AS f,
           now() - n * interval '1 hour' AS at, interval '1 day' * n AS long,
           (ARRAY['gut', 'schlecht'])[1 + n % 2]::mood AS mood, (n % 100)::percent AS share,
           ARRAY[n, NULL, n + 1] AS list, int4range(n, n + 5) AS span, point(n, n) AS place,
           jsonb_build_object('n', n) AS j, json_build_object('n', n) AS old, 'pg_class'::regclass AS class,
           decode(md5(n::text), 'hex') AS bytes, CASE WHEN n % 3 = 0 THEN n END AS maybe
      FROM generate_series(1, 20000) n;
  CREATE TABLE nothing ();
  INSERT INTO nothing DEFAULT VALUES;
  CREATE TABLE parent (a int);
  CREATE TABLE child (b text) INHERITS (parent);
  ALTER TABLE parent ADD COLUMN z int DEFAULT 7;
  INSERT INTO parent VALUES (1, 2);
  INSERT INTO child (a, b) SELECT n, repeat('x', n) FROM generate_series(1, 500) n;
  CREATE TABLE parted (n int, t text) PARTITION BY RANGE (n);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (1000);
  INSERT INTO parted SELECT n, 'x' FROM generate_series(0, 999) n;
  CREATE TABLE computed (a int, b int GENERATED ALWAYS AS (a * 2) STORED);
  INSERT INTO computed VALUES (1), (2);
  ALTER TABLE child DROP COLUMN b;
  CREATE UNLOGGED TABLE scratch AS SELECT generate_series(1, 10) AS n;
  CREATE SEQUENCE counted;
  SELECT nextval('counted');
  CREATE SEQUENCE fresh START 5;
  CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM parted;
  CREATE MATERIALIZED VIEW unseen AS SELECT 1 AS n WITH NO DATA;
  CREATE MATERIALIZED VIEW reader AS SELECT * FROM seen;
  CREATE MATERIALIZED VIEW emptied AS SELECT 1 AS n;
  CREATE MATERIALIZED VIEW reads_emptied AS SELECT * FROM emptied;
  REFRESH MATERIALIZED VIEW emptied WITH NO DATA;
  CREATE TABLE information_schema.lost (n int);
  CREATE FUNCTION pg_catalog.lost() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE EXTENSION postgres_fdw;
  CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'elsewhere');
  CREATE USER MAPPING FOR postgres SERVER elsewhere OPTIONS (password 'f0reign');
  CREATE FOREIGN TABLE far (n int) SERVER elsewhere;
  CREATE ROLE nosy;
  CREATE TABLE hidden AS SELECT 1 AS n;
  ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
  SELECT lo_from_bytea(4711, decode(repeat('00ff27', 200000), 'hex')), lo_from_bytea(4712, '');
  REVOKE ALL ON DATABASE app FROM PUBLIC;
  GRANT CONNECT ON DATABASE app TO nosy WITH GRANT OPTION;
  ALTER DATABASE app SET search_path TO "$user", "My Schema", public;
  ALTER ROLE nosy IN DATABASE app SET work_mem TO '77MB';
  COMMENT ON DATABASE app IS 'it''s \\ a comment é';`;

const rows = ({ tables }: Manifest) => Object.fromEntries(tables.map((t) => [t.name, t.rows]));

describe.each(cases([17], [13, 15]))("dumps of PostgreSQL %s", (major) => {
  const lab = new AgentLab(major);
  let agent: Agent;
  let first: Manifest;
  let id: string;

  beforeAll(async () => {
    await lab.open();
    const { primary, standby, role } = lab;
    await primary.bash("pgbench -h /run/pg/primary -U postgres -i -s 5 -q app");
    await primary.sql(schema, "app");
    // It fails, because each value is there twice, and leaves an invalid index.
    await primary
      .sql("CREATE UNIQUE INDEX CONCURRENTLY torn ON parted_1 (t)", "app")
      .catch(() => undefined);
    if (!role.superuser) await primary.sql(`GRANT CONNECT ON DATABASE app TO ${role.name}`);
    await caughtUp(primary, standby);
    agent = await (await lab.agent(lab.config({ plain: true }))).ready();
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  test("the agent makes the first one at its start, from the standby, with everything in it", async () => {
    const record = await agent.record();
    expect(record).toMatchObject({ trigger: "start", result: "success" });
    const [made] = record.databases ?? [];
    id = made?.folder ?? "";
    expect(id).toMatch(/^app\/\d{8}T\d{6}Z$/);
    expect(made?.bytes).toBeGreaterThan(100_000);
    expect(await agent.files()).toEqual(
      [
        "./.partial",
        "./.stack",
        "./app",
        `./${id}`,
        ...[
          "SHA256SUMS",
          "app.backup",
          "app.sql.gz",
          "globals.sql",
          "manifest.json",
          "manifest.sig",
        ].map((name) => `./${id}/${name}`),
      ].sort(),
    );
    expect(
      await agent.bash(`cd /backups/${id} && sha256sum --quiet -c SHA256SUMS && stat -c %a . *`),
    ).toBe("750\n640\n640\n640\n640\n640\n640");
    first = await agent.manifest(id);
    expect(first.source).toMatchObject({
      server: "standby",
      version: expect.stringMatching(`^${major}`),
    });
    expect(first.source.replayedTo).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    expect(first.source.systemIdentifier).toBe(
      await lab.primary.sql("SELECT system_identifier FROM pg_control_system()"),
    );
    expect(first.number).toBe(1);
    expect(first.databaseBytes).toBeGreaterThan(70_000_000);
    expect(first.role.superuser).toBe(major < 14);
    expect(first.role.why ?? "").toMatch(major < 14 ? /no pg_read_all_data/ : /^$/);
    expect(rows(first)).toEqual({
      'Tàble "1"': 20000,
      nothing: 1,
      parent: 1,
      child: 500,
      parted_1: 1000,
      computed: 2,
      hidden: 1,
      pgbench_accounts: 500000,
      pgbench_branches: 5,
      pgbench_history: 0,
      pgbench_tellers: 50,
    });
    expect(first.largeObjects.count).toBe(2);
    const checksum = expect.stringMatching(/^-?\d+$/);
    expect(first.materializedViews).toContainEqual(
      expect.objectContaining({ schema: "public", name: "seen", rows: 1, checksum }),
    );
  });

  test("a standby knows a sequence 32 values ahead", () => {
    expect(first.sequences).toEqual([
      { schema: "public", name: "counted", value: "33", called: true },
      { schema: "public", name: "fresh", value: "5", called: false },
    ]);
  });

  test("the manifest lists what the dump cannot hold, and nothing else", () => {
    const what = first.leftOut.map((left) => left.what);
    const always = [
      "rows of public.emptied",
      "rows of public.far",
      "rows of public.reads_emptied",
      "rows of public.scratch",
      "rows of public.unseen",
      "the function pg_catalog.lost()",
      "the index public.torn",
      "the table information_schema.lost",
    ];
    const mapping = "the options of the mapping of postgres to the foreign server elsewhere";
    expect(what.sort()).toEqual((major < 14 ? always : [...always, mapping]).sort());
    const { why } = first.leftOut.find((left) => left.what === "rows of public.scratch")!;
    expect(why).toContain("with laterbase:dumps.source primary it is dumped");
  });

  test("the manifest has the properties that pg_restore leaves out, globals.sql the passwords", async () => {
    expect(first.database).toMatchObject({
      name: "app",
      owner: "postgres",
      encoding: "UTF8",
      comment: "it's \\ a comment é",
      connectionLimit: -1,
    });
    expect(first.database.privileges).toContainEqual({
      grantee: "nosy",
      grantor: "postgres",
      privilege: "CONNECT",
      grantable: true,
    });
    expect(first.database.settings).toEqual([
      { role: null, name: "search_path", value: '"$user", "My Schema", public' },
      { role: "nosy", name: "work_mem", value: "77MB" },
    ]);
    const globals = await agent.bash(`cat /backups/${id}/globals.sql`);
    expect(globals).toContain('CREATE ROLE "nosy"');
    expect(globals).toContain("SCRAM-SHA-256$");
  });

  test("without writes it holds exactly what the primary has", async () => {
    await restore(id, "copy");
    for (const { schema: space, name } of first.tables) {
      const table = `"${space}"."${name.replace(/"/g, '""')}"`;
      // The order of an inherited table's columns is not kept.
      const query = name === "child" ? "SELECT sum(a + z) FROM child" : checksum(`ONLY ${table}`);
      expect([name, await lab.primary.sql(query, "copy")]).toEqual([
        name,
        await lab.primary.sql(query, "app"),
      ]);
    }
    const objects =
      "SELECT string_agg(md5(lo_get(oid)), ' ' ORDER BY oid) FROM pg_largeobject_metadata";
    expect(await lab.primary.sql(objects, "copy")).toBe(await lab.primary.sql(objects, "app"));
    expect(contents(await dumped("copy"))).toEqual(contents(first));
  }, 600_000);

  test("the plain SQL restores the same", async () => {
    await lab.primary.sql("CREATE DATABASE plain TEMPLATE template0");
    await carry(`/backups/${id}/app.sql.gz`, "app.sql.gz");
    await lab.primary.bash(
      "gunzip -c /tmp/app.sql.gz | psql -XqAt -v ON_ERROR_STOP=1 -h /run/pg/primary -U postgres plain >/dev/null",
    );
    const accounts = checksum("pgbench_accounts");
    expect(await lab.primary.sql(accounts, "plain")).toBe(await lab.primary.sql(accounts, "app"));
  }, 600_000);

  test("what would leave less than minFree does not begin, and no clock says which dump is the newest", async () => {
    const minFree = { text: "10%", percent: 10 };
    const config = lab.config({ databases: ["app", "postgres"], minFree });
    const small = await (await lab.agent(config, { megabytes: 20 })).ready();
    const { result, databases = [] } = await small.dump();
    expect(result).toBe("failed");
    const [refused, made] = databases;
    expect(refused?.detail).toMatch(
      /^A dump of "app" takes about \d+\S* MB \(it is the first one, and the database has \d+\S* MB\), and there are only 2\d\.\d MB of 21\.0 MB free in the volume of the dumps; laterbase:dumps\.minFree is 10%, which is 2\.1 MB\. Make room there, or lower minFree\.$/,
    );
    expect(made).toMatchObject({ database: "postgres", result: "success" });
    // A copy of the first one that another clock seems to have made.
    const future = "postgres/20991231T000000Z";
    const [newest, older] = await small.list();
    await small.bash(
      `cd /backups && cp -r ${older?.id} ${future} && rm ${future}/manifest.sig &&
       sed -i 's/"takenAt": "[^"]*"/"takenAt": "2099-12-31T00:00:00.000Z"/' ${future}/manifest.json`,
    );
    const { stdout, stderr } = await small.ask("list-dumps");
    expect((JSON.parse(stdout) as ListedDump[]).map(({ id, number }) => [id, number])).toEqual([
      [newest?.id, 2],
      [older?.id, 1],
      [future, undefined],
    ]);
    expect(stderr).toContain(`${future} lies in the future`);
  }, 600_000);

  test("the agent waits until a temporary amcheck is gone, and the dump does not have it", async () => {
    const { primary, standby } = lab;
    const oid = await primary.sql("SELECT oid FROM pg_database WHERE datname = 'app'");
    const record = JSON.stringify({ laterbase: 1, amcheck: { [oid]: { standby: 1 } } });
    await primary.sql(
      `BEGIN; CREATE ROLE checks REPLICATION; COMMENT ON ROLE checks IS '${record}'; CREATE EXTENSION amcheck; COMMIT`,
      "app",
    );
    await caughtUp(primary, standby);
    const run = agent.dump();
    const early = await Promise.race([run.then(() => "dumped"), sleep(5000)]);
    await primary.sql("BEGIN; DROP EXTENSION amcheck; DROP ROLE checks; COMMIT", "app");
    expect(early).not.toBe("dumped");
    const { result, databases } = await run;
    expect(result).toBe("success");
    const folder = databases?.[0]?.folder ?? "";
    expect(await agent.bash(`pg_restore -l /backups/${folder}/app.backup`)).not.toContain(
      "amcheck",
    );
  }, 600_000);

  test("during writes it holds exactly what its manifest says", async () => {
    const load = lab.primary.bash("pgbench -h /run/pg/primary -U postgres -n -c 4 -T 12 app");
    await lab.primary.bash(
      "until [[ $(psql -XAtq -h /run/pg/primary -U postgres -d app -c 'SELECT count(*) > 100 FROM pgbench_history') == t ]]; do sleep 0.2; done",
    );
    const record = await agent.dump("--trigger", "schedule");
    expect(record).toMatchObject({ trigger: "schedule", result: "success" });
    const busy = record.databases?.[0]?.folder ?? "";
    const manifest = await agent.manifest(busy);
    expect(rows(manifest)["pgbench_history"]).toBeGreaterThan(100);
    await load;
    const now = Number(await lab.primary.sql("SELECT count(*) FROM pgbench_history", "app"));
    expect(rows(manifest)["pgbench_history"]).toBeLessThan(now);
    await restore(busy, "later");
    expect(contents(await dumped("later"))).toEqual(contents(manifest));
  }, 600_000);

  test("nothing of a user is planned or called when tables are summed", async () => {
    const { primary, standby } = lab;
    await primary.sql("CREATE DATABASE traps");
    await primary.sql(
      `CREATE FUNCTION trap(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n';
       CREATE TYPE price AS (amount numeric, cur text);
       CREATE FUNCTION price_text(price) RETURNS text LANGUAGE sql AS 'SELECT 1 / 0';
       REVOKE EXECUTE ON FUNCTION price_text(price) FROM PUBLIC;
       CREATE CAST (price AS text) WITH FUNCTION price_text(price);
       CREATE FUNCTION box_text(box) RETURNS text LANGUAGE sql AS 'SELECT 1 / 0';
       CREATE CAST (box AS text) WITH FUNCTION box_text(box);
       CREATE DOMAIN share AS int CHECK (VALUE < 100 + trap(1));
       CREATE TABLE own_cast AS SELECT ROW(n, 'EUR')::price AS p FROM generate_series(1, 3) n;
       CREATE TABLE cast_of_box AS SELECT '(1,1),(0,0)'::box AS b;
       CREATE TABLE own_domain AS SELECT 1::share AS s;
       CREATE TABLE index_expression AS SELECT 1 AS n; CREATE INDEX ON index_expression ((n + trap(1)));
       CREATE TABLE index_predicate AS SELECT 1 AS n; CREATE INDEX ON index_predicate (n) WHERE n > trap(1);
       CREATE TABLE policy AS SELECT 1 AS n; CREATE POLICY p ON policy USING (n = trap(1));
       ALTER TABLE policy ENABLE ROW LEVEL SECURITY;
       CREATE TABLE statistics AS SELECT 1 AS n, 2 AS m;
       CREATE STATISTICS s ON ${major < 14 ? "n, m" : "(n + trap(1)), m"} FROM statistics;
       CREATE TABLE computed (n int, m int GENERATED ALWAYS AS (n + trap(1)) STORED);
       INSERT INTO computed VALUES (1);
       CREATE TABLE parted (n int) PARTITION BY RANGE ((n + trap(1)));
       CREATE TABLE part PARTITION OF parted DEFAULT; INSERT INTO parted VALUES (1);
       CREATE EXTENSION unaccent; CREATE TABLE person AS SELECT 'Zoë' AS name;
       CREATE FUNCTION f_unaccent(t text) RETURNS text LANGUAGE sql IMMUTABLE AS
         $$ SELECT public.unaccent('public.unaccent', t) $$;
       CREATE INDEX ON person (f_unaccent(name));
       CREATE TABLE plain (n int PRIMARY KEY, t text, p point); INSERT INTO plain VALUES (1, 'x', '(1,2)');
       CREATE INDEX ON plain (t) WHERE t IS NOT NULL;
       CREATE OR REPLACE FUNCTION f_unaccent(t text) RETURNS text LANGUAGE sql IMMUTABLE AS
         $$ SELECT unaccent('unaccent', t) $$;
       CREATE OR REPLACE FUNCTION trap(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
         $$ BEGIN RAISE EXCEPTION 'the trap was called'; END $$;`,
      "traps",
    );
    await caughtUp(primary, standby);
    const { tables } = await dumped("traps");
    const inServer = major < 14 ? "text" : "record";
    expect(Object.fromEntries(tables.map((t) => [t.name, [t.algorithm, t.rows]]))).toEqual({
      own_cast: ["copy", 3],
      cast_of_box: ["copy", 1],
      own_domain: ["copy", 1],
      index_expression: ["copy", 1],
      index_predicate: ["copy", 1],
      policy: ["copy", 1],
      statistics: ["copy", 1],
      computed: ["copy", 1],
      part: ["copy", 1],
      person: ["copy", 1],
      plain: [inServer, 1],
    });
  }, 600_000);

  test("a dump holds no more locks than pg_dump, whatever indexes the tables have", async () => {
    const { primary, standby } = lab;
    const partitions = 300;
    await primary.sql("CREATE DATABASE events");
    await primary.sql(
      `CREATE TABLE e (day int, a int, b int, c int, d int, f int) PARTITION BY RANGE (day);
       CREATE INDEX ON e (a); CREATE INDEX ON e (b); CREATE INDEX ON e (c); CREATE INDEX ON e (d);
       CREATE INDEX ON e (f); CREATE INDEX ON e (a, b);
       DO $$ BEGIN FOR i IN 1..${partitions} LOOP
         EXECUTE format('CREATE TABLE e_%s PARTITION OF e FOR VALUES FROM (%s) TO (%s)', i, i, i + 1);
         EXECUTE format('INSERT INTO e_%s SELECT %s, n, n, n, n, n FROM generate_series(1, 10) n', i, i);
       END LOOP; END $$`,
      "events",
    );
    await caughtUp(primary, standby);
    /** The most locks that sessions of these names hold together on the standby. */
    const most = async (application: string, work: () => Promise<unknown>) => {
      await standby.bash("rm -f /tmp/enough /tmp/locks");
      // A session of its own for each look: pg_stat_activity stays the same within a transaction.
      const looking = standby.bash(
        `until [[ -e /tmp/enough ]]; do
           psql -XAtq -h /run/pg/standby -U postgres -d postgres -c "SELECT count(*) FROM pg_locks
             JOIN pg_stat_activity USING (pid) WHERE application_name LIKE '${application}%'" >>/tmp/locks
         done; sort -n /tmp/locks | tail -n 1`,
      );
      await work();
      await standby.bash("touch /tmp/enough");
      return Number(await looking);
    };
    const byHand = await most("pg_dump", () =>
      standby.bash("pg_dump -Fc -h /run/pg/standby -U postgres events >/dev/null"),
    );
    let manifest: Manifest | undefined;
    const ours = await most("laterbase dump", async () => (manifest = await dumped("events")));
    expect(manifest!.source.server).toBe("standby");
    expect(manifest!.tables).toHaveLength(partitions);
    expect(byHand).toBeGreaterThan(partitions);
    // The 64 largest tables are locked twice, and our own session looks at catalogs too.
    expect(ours - byHand).toBeLessThan(64 + 150);
  }, 600_000);

  // Its own memory. It also has pages of Node's program, which every process of Node shares, and of which the
  // machine's cache decides how many are there: 33 or 50 MB were seen.
  test("after all of this, the agent's process takes at most 55 MiB of its own", async () => {
    const mebibytes = async () => {
      const sizes = await agent.bash("grep -h ^RssAnon /proc/[0-9]*/status");
      // The agent is the largest process; the others belong to this look.
      return Math.max(...[...sizes.matchAll(/(\d+) kB/g)].map((match) => Number(match[1]) / 1024));
    };
    // What the last run left is collected when the agent has had time for it.
    await until("it has given memory back", async () => (await mebibytes()) <= 55, 30);
    expect(await mebibytes()).toBeGreaterThan(20);
  });

  const contents = ({ tables, largeObjects }: Manifest) => ({ tables, largeObjects });

  /** Dumps one database and returns the manifest. */
  async function dumped(database: string): Promise<Manifest> {
    const record: JobRecord = await agent.dump("--database", database);
    expect(record.result).toBe("success");
    return agent.manifest(record.databases?.[0]?.folder ?? "");
  }

  /** Copies a file of the agent into the primary's /tmp. */
  async function carry(path: string, name: string): Promise<void> {
    const stream = (await agent.container.getArchive({ path })).pipe(new PassThrough());
    await lab.primary.container.putArchive(stream, { path: "/tmp" });
    await lab.primary.bash(`test -s "/tmp/${name}"`);
  }

  async function restore(dump: string, database: string): Promise<void> {
    await lab.primary.sql(`CREATE DATABASE ${database} TEMPLATE template0`);
    await carry(`/backups/${dump}/app.backup`, "app.backup");
    await lab.primary.bash(
      `pg_restore --exit-on-error -h /run/pg/primary -U postgres -d ${database} /tmp/app.backup`,
    );
    await caughtUp(lab.primary, lab.standby);
  }
});
