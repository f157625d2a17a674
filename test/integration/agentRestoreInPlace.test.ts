import { Client } from "pg";
import { askAgent } from "../../scripts/cli/servers/askAgent";
import { renameStatement } from "../../scripts/agent/restore/renameDatabases";
import { cases } from "../support/cases";
import { until } from "../support/process";
import { RestoreLab } from "../support/agentRestoreLab";
import { sleep } from "../support/imageLab";

const target = `Lib "ü" 'x'`;

describe.each(cases([17], [13]))("a restore in place on PostgreSQL %s", (major) => {
  const lab = new RestoreLab(major);
  const sql = (query: string, database?: string) => lab.primary.sql(query, database);
  const count = (database: string) => sql("SELECT count(*) FROM t", database);
  let id: string;
  const before = () => lab.databases();

  beforeAll(async () => {
    await lab.open({ conf: "max_prepared_transactions = 5\nwal_level = logical" });
    await sql(`CREATE DATABASE "Lib ""ü"" 'x'"`);
    await sql(
      "CREATE TABLE t AS SELECT n, repeat('x', 500) AS x FROM generate_series(1, 1000) n",
      target,
    );
    id = (await lab.dump(target)).id;
    await sql("DELETE FROM t", target);
  }, 600_000);
  afterAll(() => lab.close(), 600_000);

  const inPlace = (...words: string[]) =>
    lab.laterbase("restore-dump", id, "--in-place", "--yes", ...words);

  it("is of a dump that names what pg_dump drops of sessions, transactions and publishers", async () => {
    await sql("CREATE DATABASE dropped");
    await sql("CREATE TABLE t (n int)", "dropped");
    await sql("SELECT pg_create_logical_replication_slot('laterbase_slot', 'pgoutput')", "dropped");
    await sql(
      "CREATE SUBSCRIPTION sub CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = 'theirs')",
      "dropped",
    );
    await sql("ALTER SUBSCRIPTION sub ENABLE", "dropped");
    const session = new Client(await lab.login("dropped"));
    await session.connect();
    try {
      await session.query(
        "CREATE TEMPORARY TABLE mine (n int); CREATE TEMPORARY TABLE more (n int)",
      );
      await sql(`BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'it''s "1"'`, "dropped");
      const dump = await lab.dump("dropped");
      expect(dump.omissions?.map(({ what }) => what)).toEqual([
        "2 temporary tables",
        `the changes of the prepared transaction "it's "1""`,
        "the replication slot laterbase_slot",
        "that the subscription sub is enabled",
      ]);
      expect(dump.leftOut).toBe(4);
    } finally {
      await session.end();
      await sql(`ROLLBACK PREPARED 'it''s "1"'`, "dropped");
      await sql("ALTER SUBSCRIPTION sub DISABLE", "dropped");
      await sql("ALTER SUBSCRIPTION sub SET (slot_name = NONE)", "dropped");
      await sql("DROP SUBSCRIPTION sub", "dropped");
      await sql("SELECT pg_drop_replication_slot('laterbase_slot')", "dropped");
      await sql("DROP DATABASE dropped");
    }
  }, 600_000);

  it("needs a terminal or --yes", async () => {
    const { error } = await lab.laterbase("restore-dump", id, "--in-place");
    expect(error).toBe(
      "--in-place asks before it replaces a database, but there is no terminal: add --yes.",
    );
  });

  it("refuses a database that is not there, a template, and one with a prepared transaction", async () => {
    const there = await before();
    expect((await inPlace("--as", "nowhere")).error).toMatch(
      /^There is no database "nowhere" to replace: /,
    );
    expect((await inPlace("--as", "template1")).error).toMatch(/^"template1" is a template/);
    await sql("BEGIN; INSERT INTO t VALUES (1, 'a'); PREPARE TRANSACTION 'half'", target);
    expect((await inPlace()).error).toMatch(/has a prepared transaction/);
    await sql("ROLLBACK PREPARED 'half'", target);
    expect(await before()).toEqual(there);
  }, 600_000);

  it("gives the name to the dumped state while clients keep connecting", async () => {
    const clients = Array.from({ length: 5 }, () => new Visitor(lab, target));
    const visits = clients.map((client) => client.run());
    await sleep(500);
    const { result, error } = await inPlace();
    await sleep(500);
    clients.forEach((client) => client.leave());
    await Promise.all(visits);
    expect(error).toBeUndefined();
    const { kept, evicted, seconds } = result!["replaced"];
    expect(kept).toMatch(/^Lib "ü" 'x'_before_restore_\d{8}_\d{6}$/);
    expect(result).toMatchObject({ database: target, rows: 1000, differences: [] });
    expect(evicted).toBe(5);
    expect(seconds).toBeLessThan(15);
    expect([await count(target), await count(kept)]).toEqual(["1000", "0"]);
    for (const { seen, refusals } of clients) {
      // Each client saw the old state, then the new one, and nothing else.
      expect([...new Set(seen)]).toEqual(["0", "1000"]);
      expect(seen.lastIndexOf("0")).toBeLessThan(seen.indexOf("1000"));
      for (const refusal of refusals) {
        expect(refusal).toMatch(
          /not currently accepting|terminating connection|Connection terminated|does not exist|ECONNRESET|connection error/,
        );
      }
    }
    await sql(`DROP DATABASE "${kept.replace(/"/g, '""')}"`);
  }, 600_000);

  it("lets nobody see a database that takes the name before it is filled", async () => {
    await sql("DELETE FROM t", target);
    const clients = Array.from({ length: 3 }, () => new Visitor(lab, target));
    const visits = clients.map((client) => client.run());
    await sleep(500);
    const { result, error } = await inPlace("--name-first");
    await sleep(500);
    clients.forEach((client) => client.leave());
    await Promise.all(visits);
    expect(error).toBeUndefined();
    const { kept, evicted, seconds } = result!["replaced"];
    expect([evicted, await count(target), await count(kept)]).toEqual([3, "1000", "0"]);
    // The time of the whole restore but for its beginning.
    expect(seconds).toBeGreaterThan(result!["timings"].filling);
    expect(seconds).toBeLessThan(result!["seconds"]);
    for (const { seen, refusals } of clients) {
      expect([...new Set(seen)]).toEqual(["0", "1000"]);
      expect(refusals.join("\n")).toContain("laterbase_restores_this_database");
    }
    await sql(`DROP DATABASE "${kept.replace(/"/g, '""')}"`);
  }, 600_000);

  it("leaves the old database as it is when the restore fails half-way", async () => {
    await sql("DELETE FROM t WHERE n > 7", target);
    const there = await before();
    await lab.bash(
      `cd "/backups/${id.replace(/["$`\\]/g, "\\$&")}" && cp manifest.json /tmp/ && mv manifest.sig /tmp/ && sed -i 's/"checksum": "[0-9-]*"/"checksum": "5"/' manifest.json`,
    );
    for (const words of [[], ["--name-first"]]) {
      const { error } = await inPlace(...words);
      expect(error).toMatch(
        /public.t has other rows.*; the half-made database ".*" was dropped, everything else is as it was\.$/,
      );
      expect(await before()).toEqual(there);
      expect(await count(target)).toBe("7");
    }
    await lab.bash(
      `cp /tmp/manifest.json /tmp/manifest.sig "/backups/${id.replace(/["$`\\]/g, "\\$&")}/"`,
    );
  }, 600_000);

  it("gives the old database its name back when the renaming fails on the server", async () => {
    await sql("CREATE DATABASE old");
    await sql("CREATE DATABASE fresh");
    await sql(renameStatement({ old: "old", kept: "app", fresh: "fresh" }));
    const open =
      "SELECT string_agg(datname || datallowconn, ' ' ORDER BY datname) FROM pg_database";
    expect(await sql(`${open} WHERE datname IN ('old', 'fresh')`)).toBe("freshtrue oldtrue");
  }, 600_000);

  it("finishes on the server when its session is gone", async () => {
    const client = new Client(await lab.login("postgres"));
    client.on("error", () => undefined);
    await client.connect();
    // The statement has to wait for this client, so there is time to disappear.
    const guest = new Client(await lab.login("old"));
    guest.on("error", () => undefined);
    await guest.connect();
    const answer = client.query(renameStatement({ old: "old", kept: "kept", fresh: "fresh" }));
    const lost = expect(answer).rejects.toThrow();
    setTimeout(() => (client as any).connection.stream.destroy(), 5);
    await lost;
    for (let i = 0; i < 50 && !(await lab.databases()).includes("kept"); i++) await sleep(100);
    expect(await sql("SELECT 1", "old")).toBe("1");
    expect(await sql("SELECT 1", "kept")).toBe("1");
    expect(await lab.databases()).not.toContain("fresh");
    await Promise.all([client, guest].map((one) => one.end().catch(() => undefined)));
  }, 600_000);

  it("keeps the old database when the server is restarted during the restore, and says so", async () => {
    await sql("CREATE DATABASE big");
    await sql(
      "CREATE TABLE t AS SELECT n, repeat(md5(n::text), 30) AS x FROM generate_series(1, 300000) n",
      "big",
    );
    const dump = await lab.dump("big");
    const there = await before();
    const restoring = lab.laterbase("restore-dump", dump.id, "--in-place", "--yes");
    await filling(lab, "big_restored_%");
    await lab.primary.container.restart({ t: 5 });
    const { error } = await restoring;
    await lab.primary.until("running");
    expect(error).toMatch(/^pg_restore (failed|ended)|^Connection terminated|^terminating/);
    const left = (await before()).filter((name) => !there.includes(name));
    // The server may still have been starting when the restore cleaned up. Then it names what is left.
    if (left.length > 0) expect(error).toContain(`"${left[0]}" could not be dropped`);
    else expect(error).toContain("was dropped, everything else is as it was");
    expect(await count("big")).toBe("300000");
    for (const name of left) await sql(`DROP DATABASE "${name}"`);
  }, 600_000);

  it("ends when its caller does, and removes what it made", async () => {
    const there = await before();
    const agent = { name: `${lab.lab.name}-agent` };
    const superuser = { name: "postgres", password: lab.lab.secrets.superuser };
    const impatience = new AbortController();
    const asked = askAgent(
      agent,
      "restore-dump",
      { dump: "big", superuser },
      () => undefined,
      impatience.signal,
    );
    const failed = expect(asked).rejects.toThrow("The command restore-dump was interrupted.");
    await filling(lab, "big_restored_%");
    impatience.abort();
    await failed;
    for (let i = 0; i < 50 && (await before()).length > there.length; i++) await sleep(200);
    expect(await before()).toEqual(there);
    expect((await lab.agent.inspect()).State.Running).toBe(true);
  }, 600_000);

  it("names what a killed agent left", async () => {
    const restoring = lab.laterbase("restore-dump", "big");
    await filling(lab, "big_restored_%");
    await lab.agent.kill({ signal: "SIGKILL" });
    expect((await restoring).error).toMatch(/answer|ended early/);
    await lab.agent.start();
    await until("the agent to answer", async () => !(await lab.laterbase("list-dumps")).error);
    const [left] = (await before()).filter((name) => name.startsWith("big_restored_"));
    await until(
      "its sessions to end",
      async () =>
        (await sql(
          `SELECT count(*) FROM pg_stat_activity
            WHERE datname = '${left}' AND backend_type <> 'autovacuum worker'`,
        )) === "0",
    );
    const { result } = await lab.laterbase("restore-dump", id, "--as", "another");
    expect(result!["leftovers"]).toEqual([
      { database: left, statements: [`DROP DATABASE "${left}"`] },
    ]);
    expect(await lab.bash("ls /dev/shm")).toBe("");
    await sql(`DROP DATABASE "${left}"`);

    // The half-made database has the name. What the next restore prints gives it back.
    const named = lab.laterbase("restore-dump", "big", "--in-place", "--yes", "--name-first");
    await filling(lab, "big");
    await lab.agent.kill({ signal: "SIGKILL" });
    await named;
    await lab.agent.start();
    await until("the agent to answer", async () => !(await lab.laterbase("list-dumps")).error);
    await until(
      "its sessions to end",
      async () =>
        (await sql("SELECT count(*) FROM pg_stat_activity WHERE datname = 'big'")) === "0",
    );
    const [kept] = (await before()).filter((name) => name.startsWith("big_before_restore_"));
    const next = await lab.laterbase("restore-dump", id, "--as", "one more");
    expect(next.result!["leftovers"]).toEqual([
      {
        database: "big",
        statements: ['DROP DATABASE "big"', `ALTER DATABASE "${kept}" RENAME TO "big"`],
      },
    ]);
    for (const statement of next.result!["leftovers"][0].statements) await sql(statement);
    expect(await count("big")).toBe("300000");
  }, 600_000);
});

async function filling(lab: RestoreLab, like: string): Promise<void> {
  const copies = `SELECT count(*) FROM pg_stat_activity WHERE datname LIKE '${like}' AND query LIKE 'COPY%'`;
  for (let i = 0; i < 300; i++, await sleep(50)) {
    if ((await lab.primary.sql(copies)) !== "0") return;
  }
  throw new Error("no COPY was seen");
}

/** A client that reads, and connects again whenever it is disconnected. */
class Visitor {
  readonly seen: string[] = [];
  readonly refusals: string[] = [];
  private staying = true;

  constructor(
    private readonly lab: RestoreLab,
    private readonly database: string,
  ) {}

  leave(): void {
    this.staying = false;
  }

  async run(): Promise<void> {
    const login = await this.lab.login(this.database);
    while (this.staying) {
      const client = new Client(login);
      client.on("error", () => undefined);
      try {
        await client.connect();
        while (this.staying) {
          this.seen.push(
            ((await client.query("SELECT count(*) FROM t")).rows[0] as { count: string }).count,
          );
          await sleep(20);
        }
      } catch (error) {
        this.refusals.push((error as Error).message);
        await sleep(20);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}
