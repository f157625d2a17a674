import { Client } from "pg";
import { type Agent, AgentLab } from "../../support/agentLab";
import { caughtUp, sleep } from "../../support/imageLab";

/** What the container of the agent gets in a stack. */
const MEMORY = 1024 * 2 ** 20;

/** A statement that makes many objects, some in each transaction: each of them is locked until its end. */
const many = (count: number, statement: string) =>
  `DO $$ BEGIN FOR i IN 1..${count} LOOP EXECUTE replace('${statement}', '#', i::text);
     IF i % 100 = 0 THEN COMMIT; END IF; END LOOP; END $$`;

// Databases of sizes that few have. Each dump runs within the memory of the agent's container, and takes no
// locks that the clients of a server need; or one sentence says, before anything is locked, what to raise.
describe.each([17, 13])("a database of PostgreSQL %i with", (major) => {
  const lab = new AgentLab(major);
  const sql = (query: string, database = "app") => lab.primary.sql(query, database);
  let agent: Agent;

  beforeAll(async () => {
    await lab.open();
    agent = await start(lab.config({ databases: [], timeoutSeconds: 3600 }));
  }, 600_000);
  afterAll(() => lab.dispose(), 120_000);

  async function start(config: ReturnType<typeof lab.config>): Promise<Agent> {
    config.dumps.databaseTimeoutSeconds = 3600;
    const made = await lab.agent(config);
    await made.container.update({ Memory: MEMORY, MemorySwap: MEMORY });
    return made.ready(0);
  }

  /** Dumps a database and returns what its record says of it. */
  async function dumped(database: string, by = agent) {
    const { databases } = await by.dump("--database", database);
    const { State } = await by.container.inspect();
    expect([State.OOMKilled, State.Running]).toEqual([false, true]);
    return databases![0]!;
  }

  test("2,000 partitions with 6 indexes is dumped from the primary, and no client is refused", async () => {
    await sql("CREATE DATABASE events");
    await sql(
      `CREATE TABLE e (day int, a int, b int, c int, d int, f int) PARTITION BY RANGE (day);
       CREATE INDEX ON e (a); CREATE INDEX ON e (b); CREATE INDEX ON e (c); CREATE INDEX ON e (d);
       CREATE INDEX ON e (f); CREATE INDEX ON e (a, b)`,
      "events",
    );
    const partition =
      "CREATE TABLE e_# PARTITION OF e FOR VALUES FROM (#) TO (# + 1); INSERT INTO e_# SELECT #, n, n, n, n, n FROM generate_series(1, 10) n";
    await sql(many(2000, partition), "events");
    await caughtUp(lab.primary, lab.standby);
    const fromPrimary = await start(lab.config({ databases: [], source: "primary" }));
    // Each client needs a lock on every partition and every index.
    const { Networks } = (await lab.primary.container.inspect()).NetworkSettings;
    const host = Networks[lab.lab.name]!.IPAddress;
    const password = lab.role.superuser ? lab.password : lab.lab.secrets.superuser;
    const client = new Client({ host, user: "postgres", password, database: "events" });
    await client.connect();
    let over = false;
    let asked = 0;
    const asking = (async () => {
      for (; !over; asked++) await client.query("SELECT count(*) FROM e WHERE day < 200");
    })();
    const made = await dumped("events", fromPrimary);
    over = true;
    await asking;
    await client.end();
    expect(made).toMatchObject({ result: "success", source: "primary" });
    expect(asked).toBeGreaterThan(3);
    const { tables } = await fromPrimary.manifest(made.folder!);
    expect(tables.reduce((sum, { rows }) => sum + rows, 0)).toBe(20_000);
    await fromPrimary.container.remove({ force: true });
  }, 900_000);

  test("5,000 schemas is dumped and restored", async () => {
    await sql("CREATE DATABASE tenants");
    await sql(
      many(
        5000,
        "CREATE SCHEMA t_#; CREATE TABLE t_#.a (n int PRIMARY KEY); INSERT INTO t_#.a VALUES (#)",
      ),
      "tenants",
    );
    await caughtUp(lab.primary, lab.standby);
    const made = await dumped("tenants");
    expect(made).toMatchObject({ result: "success", source: "standby" });
    const password = lab.role.superuser ? lab.password : lab.lab.secrets.superuser;
    const input = Buffer.from(JSON.stringify({ superuser: { name: "postgres", password } }));
    const said = await agent.exec(
      ...[
        "bash",
        "-c",
        'base64 -d <<<"$0" | laterbase-agent restore-dump "$@"',
        input.toString("base64"),
      ],
      ...["--dump", made.folder!, "--as", "tenants_back"],
    );
    expect([said.code, said.stderr]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(said.stdout)).toMatchObject({ differences: [], tables: 5000, rows: 5000 });
  }, 1_800_000);

  test("a million large objects is dumped", async () => {
    await sql("CREATE DATABASE objects");
    for (let at = 0; at < 10; at++) {
      await sql(
        "SELECT count(lo_from_bytea(0, int4send(n))) FROM generate_series(1, 100000) n",
        "objects",
      );
    }
    await caughtUp(lab.primary, lab.standby, 300);
    const made = await dumped("objects");
    expect(made).toMatchObject({ result: "success", source: "standby" });
    const { largeObjects } = await agent.manifest(made.folder!);
    expect(largeObjects.count).toBe(1_000_000);
  }, 3_600_000);

  test("50,000 relations is refused in one sentence, and dumped with the setting that it names", async () => {
    await sql("CREATE DATABASE relations");
    await sql(many(50_000, "CREATE TABLE t_# (n int)"), "relations");
    await caughtUp(lab.primary, lab.standby, 300);
    const refused = await dumped("relations");
    expect(refused).toMatchObject({ result: "failed" });
    const [, wanted] =
      /^pg_dump has to lock 50\d{3} tables at the same time, and the standby would have no room left for the locks of its clients: set max_locks_per_transaction to at least (\d+) on the primary, restart it, then the standby \(it is 64 now\)\.$/.exec(
        refused.detail,
      )!;
    await sql(`ALTER SYSTEM SET max_locks_per_transaction = ${wanted}`);
    await lab.primary.container.restart();
    await lab.primary.until("running");
    await lab.standby.container.restart();
    await lab.standby.until("running", 120);
    // The standby takes the primary's value when it starts.
    for (let tries = 0; tries < 60; tries++, await sleep(1000)) {
      if ((await lab.standby.sql("SHOW max_locks_per_transaction")) === wanted) break;
    }
    const made = await dumped("relations");
    expect(made).toMatchObject({ result: "success", source: "standby" });
    expect((await agent.manifest(made.folder!)).tables).toHaveLength(50_000);
  }, 3_600_000);
});
