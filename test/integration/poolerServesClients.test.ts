import type { Client } from "pg";
import { entryOf } from "../../components/pgBouncer/sizes";
import { sleep } from "../support/imageLab";
import { engine, PoolerLab } from "../support/poolerLab";
import { until } from "../support/process";
import { rawLogin } from "../support/rawLogin";

/** Both modes, and a name that needs quoting everywhere. */
const odd = `it's "ü" =x`;
const databases = ["app", "jobs", odd];
const config = {
  databases: { jobs: { mode: "session", poolSize: 2 }, app: { poolSize: 2 } },
};

describe("PgBouncer between clients and two servers", () => {
  const lab = new PoolerLab();

  beforeAll(async () => {
    await lab.open(databases);
    await lab.primary.sql("CREATE TABLE rows AS SELECT 7 AS n", "app");
    await lab.primary.sql(
      `SET log_statement = none; CREATE ROLE app_user LOGIN PASSWORD 'of the app';
       CREATE ROLE laterbase_admin SUPERUSER LOGIN PASSWORD 'of a role';
       CREATE ROLE late LOGIN PASSWORD 'late' VALID UNTIL '2020-01-01'; CREATE ROLE nobody`,
    );
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  it("waits for its configuration, says so, and pauses nothing meanwhile", async () => {
    const { stdout, code } = await lab.pooler.exec("laterbase-health");
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      expect.objectContaining({ state: "waiting", detail: "for its configuration" }),
    ]);
    expect(await lab.pooler.bash("laterbase-pooler pause 5 60")).toBe('{"paused":false}');
    // A userlist alone is kept until the rest arrives.
    expect(await lab.apply(lab.userlist())).toBe(true);
    expect(JSON.parse((await lab.pooler.exec("laterbase-health")).stdout).state).toBe("waiting");
    expect(await lab.apply(lab.files(config, databases))).toBe(true);
    expect(JSON.parse((await lab.pooler.exec("laterbase-health")).stdout).state).toBe("running");
    expect(await lab.apply(lab.files(config, databases))).toBe(false);
  }, 600_000);

  it("connects each entry to its server and database", async () => {
    for (const database of databases) {
      const where = "select concat(current_database(), ' ', pg_is_in_recovery())";
      expect(await lab.ask(entryOf(database, "primary"), where)).toBe(`${database} f`);
      expect(await lab.ask(entryOf(database, "standby"), where)).toBe(`${database} t`);
    }
    await expect(lab.ask("app_ro", "insert into rows values (8)")).rejects.toThrow(
      "cannot execute INSERT in a read-only transaction",
    );
  }, 600_000);

  it("uses SCRAM on both sides, and each role logs in with its own password", async () => {
    const login = { user: "app_user", password: "of the app" };
    expect(await lab.ask("app", "select session_user", login)).toBe("app_user");
    expect(await lab.ask("app_ro", "select session_user", login)).toBe("app_user");
    for (const [user, password] of [
      ["app_user", "wrong"],
      ["postgres", "wrong"],
      ["late", "late"],
      ["nobody", "x"],
      ["unknown", "x"],
    ] as const) {
      await expect(lab.ask("app", "select 1", { user, password })).rejects.toThrow(
        "SASL authentication failed",
      );
    }
    const ways = await lab.primary.sql("SHOW password_encryption");
    expect(ways).toBe("scram-sha-256");
  }, 600_000);

  it("answers alike whether a role exists or not, message by message", async () => {
    await lab.primary.sql(
      `SET password_encryption = md5; CREATE ROLE ancient LOGIN PASSWORD 'old';
       CREATE ROLE unset LOGIN; CREATE ROLE "it's \\ $1" LOGIN PASSWORD 'odd'`,
    );
    const ask = (user: string, password = "wrong") =>
      rawLogin(lab.address, { user, database: "app", password });
    const { messages } = await ask("app_user");
    expect(messages).toEqual([
      "R10 SCRAM-SHA-256",
      "R11 salt 16 iterations 4096",
      expect.stringMatching(/^E FATAL 08P01 SASL authentication failed /),
    ]);
    const others = ["unknown", "it's \\ $2", "nobody", "late", "ancient", "unset", "ü".repeat(60)];
    for (const user of [...others, "laterbase_unknown"]) {
      expect([user, (await ask(user)).messages]).toEqual([user, messages]);
    }
    // The right passwords of roles that may not log in here change nothing.
    for (const [user, password] of [
      ["late", "late"],
      ["ancient", "old"],
    ] as const) {
      expect((await ask(user, password)).messages).toEqual(messages);
    }
    // The salt is a name's own, and stays, as that of a role does.
    const salts: Awaited<ReturnType<typeof ask>>[] = [];
    for (const user of ["app_user", "unknown", "x", "app_user", "unknown", "x"]) {
      salts.push(await ask(user));
    }
    const [one, two, three, ...again] = salts.map(({ salt }) => salt);
    expect(again).toEqual([one, two, three]);
    expect(new Set([one, two, three]).size).toBe(3);
    // PgBouncer keeps few names for all of them.
    const users = (await lab.show("SHOW POOLS")).map(({ user }) => user as string);
    expect(users.filter((user) => others.includes(user))).toEqual([]);
  }, 600_000);

  it("logs and counts each refused login, with its address", async () => {
    const refused = async () => {
      const line = (await lab.pooler.exec("laterbase-health")).stdout;
      return (JSON.parse(line) as { refusedLogins: number }).refusedLogins;
    };
    const before = await refused();
    const logged =
      /app\/(app_user|laterbase_unknown_[0-9a-f]{2})@[0-9.]+:\d+ pooler error: SASL auth/g;
    const lines = async () => [...(await lab.pooler.log()).matchAll(logged)].length;
    const linesBefore = await lines();
    for (const user of ["app_user", "unknown"]) {
      await rawLogin(lab.address, { user, database: "app", password: "wrong" });
    }
    await lab.ask("app", "select 1");
    await until("both are counted", async () => (await refused()) === before + 2);
    expect(await lines()).toBe(linesBefore + 2);
  }, 600_000);

  it("refuses applications its console and its look-up of passwords", async () => {
    for (const login of [{}, { user: "app_user", password: "of the app" }]) {
      await expect(lab.ask("pgbouncer", "SHOW POOLS", login)).rejects.toThrow(/not allowed/);
      await expect(lab.ask("laterbase_auth", "select 1", login)).rejects.toThrow(/login rejected/);
    }
    // The primary's role of that name is another one, and its password does not work here.
    for (const database of ["pgbouncer", "app"]) {
      const role = { user: "laterbase_admin", password: "of a role" };
      await expect(lab.ask(database, "SHOW POOLS", role)).rejects.toThrow();
    }
    for (const user of ["laterbase_admin", "laterbase_stats"] as const) {
      const login = { user, password: lab.console[user] };
      expect(await lab.ask("pgbouncer", "SHOW VERSION", login)).toMatch(/^PgBouncer 1\./);
      await expect(lab.ask("app", "select 1", login)).rejects.toThrow(/login rejected/);
    }
    const stats = { user: "laterbase_stats", password: lab.console.laterbase_stats };
    await expect(lab.ask("pgbouncer", "PAUSE", stats)).rejects.toThrow(/admin access needed/);
  }, 600_000);

  /** Two clients whose transactions alternate on the same server connections. */
  async function two(database: string, body: (a: Client, b: Client) => Promise<void>) {
    const clients = [await lab.client(database), await lab.client(database)] as const;
    await body(...clients).finally(() => Promise.all(clients.map((client) => client.end())));
  }
  const value = async (client: Client, sql: string) =>
    Object.values((await client.query(sql)).rows[0] as object)[0] as unknown;

  it.each(["app", "jobs"])("keeps SET LOCAL and xact locks inside a transaction: %s", (name) =>
    two(name, async (a, b) => {
      await a.query("begin");
      await a.query("set local work_mem = '77MB'");
      await a.query("select pg_advisory_xact_lock(1)");
      expect(await value(a, "show work_mem")).toBe("77MB");
      expect(await value(b, "show work_mem")).toBe("4MB");
      expect(await value(b, "select pg_try_advisory_xact_lock(1)")).toBe(false);
      await a.query("commit");
      expect(await value(a, "show work_mem")).toBe("4MB");
      expect(await value(b, "select pg_try_advisory_xact_lock(1)")).toBe(true);
    }),
  );

  it("keeps locks and settings for a client in session mode only", async () => {
    await two("jobs", async (a, b) => {
      await a.query("set work_mem = '66MB'");
      await a.query("select pg_advisory_lock(2)");
      expect(await value(b, "select pg_try_advisory_lock(2)")).toBe(false);
      expect(await value(a, "show work_mem")).toBe("66MB");
      expect(await value(b, "show work_mem")).toBe("4MB");
    });
    // The first client has left nothing behind.
    await two("jobs", async (a, b) => {
      expect(await value(a, "select pg_try_advisory_lock(2)")).toBe(true);
      expect(await value(b, "show work_mem")).toBe("4MB");
    });
    // In transaction mode both clients use the same server connection.
    await two("app", async (a, b) => {
      await a.query("select pg_advisory_lock(3)");
      expect(await value(b, "select pg_try_advisory_lock(3)")).toBe(true);
      await a.query("select pg_advisory_unlock_all()");
    });
  }, 600_000);

  it("prepares a statement on every server connection in transaction mode", async () => {
    await two("app", async (a, b) => {
      const add = (n: number) => ({
        name: "add",
        text: "select n + $1::int as n from rows",
        values: [n],
      });
      expect((await a.query(add(1))).rows).toEqual([{ n: 8 }]);
      // Occupies the connection on which the statement was prepared.
      await b.query("begin");
      await b.query("select 1");
      expect((await a.query(add(2))).rows).toEqual([{ n: 9 }]);
      expect((await b.query(add(3))).rows).toEqual([{ n: 10 }]);
      await b.query("commit");
    });
  }, 600_000);

  it("ignores or refuses start-up options that a pool cannot keep, by its release", async () => {
    const options = "-c extra_float_digits=2 -c geqo=off";
    const version = await lab.pooler.bash("pgbouncer --version | sed -n 's/^PgBouncer //p'");
    const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
    const asked = lab.ask("app", "show geqo", { options });
    if (major * 1e6 + minor * 1e3 + patch >= 1_026_001) {
      await expect(asked).rejects.toThrow("unsupported startup parameter in options: geqo");
    } else expect(await asked).toBe("on");
  });

  it("gives each transaction the settings of its role, as the docs advise", async () => {
    const password = "settings";
    await lab.primary.sql(
      `create role pathed login password '${password}'; alter role pathed set search_path = elsewhere`,
    );
    const login = { user: "pathed", password };
    expect(await lab.ask("app", "show search_path", login)).toBe("elsewhere");
  });

  it("looks passwords up outside the pools, so a busy database prevents no login", () =>
    two("app", async (a, b) => {
      for (const client of [a, b]) {
        await client.query("begin");
        await client.query("select 1");
      }
      const late = await lab.client("app", { user: "app_user", password: "of the app" });
      const answer = late.query("select 1 as n");
      await sleep(500);
      expect((await lab.show("SHOW POOLS")).find(({ user }) => user === "app_user")).toMatchObject({
        cl_waiting: 1,
      });
      await Promise.all([a, b].map((client) => client.query("commit")));
      expect((await answer).rows).toEqual([{ n: 1 }]);
      await late.end();
    }));

  it("accepts a role's changed password at its next login", async () => {
    const old = { user: "app_user", password: "of the app" };
    const fresh = { user: "app_user", password: "changed" };
    const stays = await lab.client("app", old);
    const cut = await lab.client("app", old);
    await stays.query("select 1");
    await lab.primary.sql("SET log_statement = none; ALTER ROLE app_user PASSWORD 'changed'");
    // Existing connections do not change.
    await stays.query("select 1");
    await lab.show("RECONNECT app");
    // Until the next login, PgBouncer only has the key that it learned from the old password.
    await expect(cut.query("select 1")).rejects.toThrow(/password authentication failed/);
    await expect(lab.client("app", old)).rejects.toThrow(/SASL authentication failed/);
    expect(await lab.ask("app", "select session_user", fresh)).toBe("app_user");
    expect((await stays.query("select session_user as who")).rows).toEqual([{ who: "app_user" }]);
    await stays.end();
    await lab.primary.sql("SET log_statement = none; ALTER ROLE app_user PASSWORD 'of the app'");
  }, 600_000);

  it("has its secrets in a file that only its user can read", async () => {
    const list = await lab.pooler.bash("stat -Lc '%a %u %n' /etc/pgbouncer/current/*");
    expect(list.split("\n")).toContain("400 999 /etc/pgbouncer/current/userlist.txt");
    const processes = await lab.pooler.bash(
      "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' ' '",
    );
    const inspected = JSON.stringify(await lab.pooler.container.inspect());
    const said = [processes, inspected, await lab.pooler.log(), await lab.primary.log()];
    // The part that needs no escaping anywhere.
    const drawn = /[0-9a-f]{32}/.exec(lab.password)?.[0] ?? "";
    expect(drawn).toHaveLength(32);
    for (const secret of [drawn, ...Object.values(lab.console)]) {
      expect(said.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  it("keeps its configuration when PgBouncer would refuse the new one", async () => {
    const good = lab.files(config, databases);
    const bad = (change: (ini: string) => string) => ({
      ...good,
      "pgbouncer.ini": change(good["pgbouncer.ini"] ?? ""),
    });
    const files = () => lab.pooler.bash("sha256sum /etc/pgbouncer/current/*");
    const before = await files();
    const refused = (ini: string) =>
      new RegExp(
        `^The pooler ${lab.pooler.name} has no new configuration: PgBouncer refuses .*${ini}`,
      );
    await expect(
      lab.apply(bad((ini) => ini.replace("max_client_conn = 1005", "max_client_conn = many"))),
    ).rejects.toThrow(refused("many"));
    await expect(lab.apply(bad((ini) => `${ini}no_such_setting = 1\n`))).rejects.toThrow(
      refused("no_such_setting"),
    );
    await expect(lab.apply(bad((ini) => ini.replace("port=5432", "port=x")))).rejects.toThrow(
      refused("port"),
    );
    await expect(lab.apply({ ...good, "userlist.txt": "postgres: x\n" })).rejects.toThrow(
      refused("broken auth file"),
    );
    expect(await files()).toBe(before);
    expect(await lab.ask("app", "select 1")).toBe(1);
  }, 600_000);

  it("has its configuration after a restart and after a crash", async () => {
    for (const end of ["stop", "kill"] as const) {
      const since = Date.now();
      await lab.pooler.container[end]();
      // No transaction is open.
      expect(Date.now() - since).toBeLessThan(9_000);
      await lab.pooler.container.start();
      await lab.findPort();
      for (let i = 0; i < 100; i++, await sleep(100)) {
        if ((await lab.pooler.exec("laterbase-health")).code === 0) break;
      }
      expect(await lab.ask("app", "select n from rows")).toBe(7);
    }
    expect((await engine.getContainer(lab.pooler.name).inspect()).State.Running).toBe(true);
  }, 600_000);

  it("names a busy database, and pauses nothing then", async () => {
    const busy = await lab.client("app");
    await busy.query("begin");
    await busy.query("select 1");
    const { code, stderr } = await lab.pooler.exec("laterbase-pooler", "pause", "1", "60");
    expect([code, stderr.trim()]).toEqual([
      1,
      expect.stringMatching(
        /^the database "app" could not be paused within 1 s: its oldest transaction has been open for at least \d+ s$/,
      ),
    ]);
    await busy.query("commit");
    await busy.end();
    expect((await lab.show("SHOW DATABASES")).filter(({ paused }) => paused === 1)).toEqual([]);
  }, 600_000);

  it("resumes clients by itself when a pause is not ended", async () => {
    const client = await lab.client("app");
    await lab.pooler.bash("laterbase-pooler pause 1 2");
    const since = Date.now();
    await client.query("select 1");
    expect(Date.now() - since).toBeGreaterThan(500);
    await client.end();
    expect(await lab.pooler.log()).toContain("the lease of the pause is over");
  }, 600_000);
});
