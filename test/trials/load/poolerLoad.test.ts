import { setTimeout as sleep } from "node:timers/promises";
import { pauseClients, resumeClients } from "../../../scripts/pooler";
import { caughtUp } from "../../support/imageLab";
import { engine, PoolerLab } from "../../support/poolerLab";

const databases = ["app", "jobs"];

interface Work {
  statement?: string;
  /** Transactions of a connection; then the client connects again. Default: it stays. */
  visit?: number;
  login?: { user: string; password: string };
}

/** Clients without pauses. Failures are kept, and the client connects again. */
class Load {
  readonly errors: string[] = [];
  done = 0;
  private running = true;
  private readonly loops: Promise<void>[] = [];

  constructor(
    private readonly lab: PoolerLab,
    clients: number,
    database: string,
    work: Work = {},
  ) {
    for (let id = 1; id <= clients; id++) this.loops.push(this.loop(database, work, id));
  }

  private async loop(database: string, work: Work, id: number): Promise<void> {
    const { statement: text = write, visit = Infinity, login = {} } = work;
    while (this.running) {
      try {
        const client = await this.lab.client(database, login);
        try {
          for (let left = visit; this.running && left > 0; left--) {
            // Several statements, one of them prepared, in one transaction.
            await client.query("begin");
            await client.query({ name: "work", text, values: [id] });
            await client.query("commit");
            this.done++;
            await sleep(5);
          }
        } finally {
          await client.end().catch(() => undefined);
        }
      } catch (error) {
        this.errors.push((error as Error).message);
        await sleep(100);
      }
    }
  }

  /** Waits for this many more transactions without an error. */
  async goesOn(transactions: number, seconds = 60): Promise<void> {
    const goal = this.done + transactions;
    for (const end = Date.now() + seconds * 1000; this.done < goal; await sleep(50)) {
      if (Date.now() > end)
        throw new Error(`stuck at ${this.done} of ${goal}: ${this.errors.join()}`);
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
  }
}

const sessions = { databases: { jobs: { mode: "session" } } };
const write = "update counters set n = n + 1 where id = $1";
const read = { statement: "select n from counters where id = $1" };
/** A role that PgBouncer looks up, with a new connection for each transaction. */
const visitor = { visit: 1, login: { user: "visitor", password: "for a moment" } };

describe("PgBouncer under load", () => {
  const lab = new PoolerLab();

  beforeAll(async () => {
    await lab.open(databases);
    for (const database of databases) {
      await lab.primary.bash(`pgbench -h /run/pg/primary -U postgres -iq -s 5 ${database}`);
      await lab.primary.sql(
        "CREATE TABLE counters AS SELECT id, 0 AS n FROM generate_series(1, 100) id",
        database,
      );
    }
    await lab.primary.sql(
      `SET log_statement = none; CREATE ROLE visitor LOGIN PASSWORD 'for a moment';
       GRANT pg_read_all_data, pg_write_all_data TO visitor`,
    );
    await caughtUp(lab.primary, lab.standby);
    await lab.apply(lab.files({}, databases));
  }, 300_000);
  afterAll(() => lab.dispose(), 60_000);

  it("serves 1000 clients with 100 server connections, without an error", async () => {
    const pgbench = (database: string, ...options: string[]) =>
      lab.pgbench(database, "-n", "-c", "250", "-T", "120", ...options);
    const load = Promise.all([
      // One thread per client: while pgbench prepares, a thread's other clients wait, and
      // those could be in transactions that hold all server connections.
      pgbench("app", "-M", "prepared", "-N", "-j", "250"),
      pgbench("jobs", "-M", "simple", "-N"),
      pgbench("app_ro", "-M", "prepared", "-S"),
      pgbench("jobs_ro", "-M", "extended", "-S"),
    ]);
    const seen = { clients: 0, servers: 0 };
    let running = true;
    const watching = (async () => {
      for (; running; await sleep(1000)) {
        const pools = await lab.show("SHOW POOLS");
        const count = (key: string) => pools.reduce((sum, pool) => sum + Number(pool[key]), 0);
        const clients = count("cl_active") + count("cl_waiting") - 1;
        // Counted by the servers.
        const backends =
          "select count(*) from pg_stat_activity where client_addr is not null and backend_type = 'client backend'";
        const servers = await Promise.all([lab.primary.sql(backends), lab.standby.sql(backends)]);
        seen.clients = Math.max(seen.clients, clients);
        seen.servers = Math.max(
          seen.servers,
          servers.reduce((sum, n) => sum + Number(n), 0),
        );
      }
    })();
    const runs = await load.finally(() => (running = false));
    await watching;
    for (const { code, stdout, stderr } of runs) {
      expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error|aborted|fail/i)]);
      expect(stdout).toMatch(/number of failed transactions: 0 /);
    }
    expect(seen.clients).toBe(1000);
    expect(seen.servers).toBeGreaterThan(90);
    expect(seen.servers).toBeLessThanOrEqual(100);
  }, 400_000);

  it("resizes, adds and removes pools under load", async () => {
    const load = new Load(lab, 20, "app");
    await load.goesOn(200);
    await lab.apply(lab.files({ poolSize: 3 }, databases));
    await load.goesOn(200);
    await lab.apply(lab.files({ poolSize: 10 }, ["app"]));
    await expect(lab.ask("jobs", "select 1")).rejects.toThrow(/no such database/);
    await load.goesOn(200);
    await lab.apply(lab.files({}, databases));
    expect(await lab.ask("jobs", "select 1")).toBe(1);
    await load.goesOn(200);
    await load.stop();
    expect(load.errors).toEqual([]);
  }, 300_000);

  it("survives a change of the superuser's password under load, on both servers", async () => {
    await lab.apply(lab.files(sessions, databases));
    const loads = [
      new Load(lab, 20, "app"),
      new Load(lab, 10, "app_ro", read),
      new Load(lab, 3, "app", visitor),
      new Load(lab, 3, "jobs", visitor),
      new Load(lab, 3, "jobs_ro", { ...visitor, ...read }),
    ];
    for (const load of loads) await load.goesOn(100);
    const before = lab.password;
    // Each connection is opened again with the new password.
    expect(await pauseClients(engine, lab.pooler.name, { seconds: 10, which: "all" })).toBe(true);
    lab.password = "rotated 'while' working";
    await lab.primary.sql(
      `SET log_statement = none; ALTER ROLE postgres PASSWORD '${lab.password.replace(/'/g, "''")}'`,
    );
    await caughtUp(lab.primary, lab.standby);
    await lab.apply(lab.userlist());
    await resumeClients(engine, lab.pooler.name);
    for (const load of loads) await load.goesOn(200);
    for (const load of loads) await load.stop();
    expect(loads.map(({ errors }) => errors)).toEqual([[], [], [], [], []]);
    await expect(lab.ask("app", "select 1", { password: before })).rejects.toThrow(/SASL/);
    expect(await lab.ask("app", "select 1")).toBe(1);
  }, 300_000);

  it("keeps its clients over a planned restart of the primary", async () => {
    const loads = [
      new Load(lab, 30, "app"),
      new Load(lab, 3, "app", visitor),
      new Load(lab, 3, "jobs", visitor),
    ];
    for (const load of loads) await load.goesOn(100);
    await pauseClients(engine, lab.pooler.name, { seconds: 10 });
    await lab.primary.container.restart({ t: 30 });
    await lab.primary.until("running");
    await resumeClients(engine, lab.pooler.name);
    for (const load of loads) await load.goesOn(200);
    for (const load of loads) await load.stop();
    expect(loads.map(({ errors }) => errors)).toEqual([[], [], []]);
  }, 300_000);

  it("loses only open transactions when the primary crashes", async () => {
    const load = new Load(lab, 30, "app");
    const readers = new Load(lab, 5, "app_ro", read);
    await load.goesOn(200);
    await lab.primary.container.kill();
    await lab.primary.container.start();
    await lab.primary.until("running");
    await load.goesOn(300);
    const { length } = load.errors;
    await load.goesOn(300);
    await Promise.all([load.stop(), readers.stop()]);
    expect(load.errors.length).toBe(length);
    expect(new Set(load.errors.map(kind))).toEqual(new Set(["the server is gone"]));
    expect(readers.errors).toEqual([]);
    // Every commit that was confirmed to a client exists.
    const sum = Number(await lab.primary.sql("SELECT sum(n) FROM counters", "app"));
    expect(sum).toBeGreaterThanOrEqual(load.done);
  }, 300_000);
});

const gone =
  /server conn crashed|server login has been failing|Connection terminated|terminating connection|the database system is|server closed|server connection closed|has encountered a connection error/;
const kind = (message: string): string => (gone.test(message) ? "the server is gone" : message);
