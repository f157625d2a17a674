import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { stepScript } from "../../scripts/primary";
import { ok, run, until } from "../support/process";
import { Stranger, superuserPassword } from "./primaryServer";
import { inContainer, rolePassword, slot, Steps } from "./primarySteps";

// What is refused, and that nothing is touched then; what is said when nothing answers.
jest.setTimeout(60_000);

describe("a server that lacks what standbys need", () => {
  const server = new Stranger(13, {
    conf: ["wal_level = minimal", "max_wal_senders = 0", "max_replication_slots = 0"],
  });
  const steps = new Steps(server);

  beforeAll(() => server.start(), 600_000);
  afterAll(() => server.stop(), 60_000);

  it("is told every finding with its command, and not touched", async () => {
    const before = await server.snapshot();
    const restart = `and then restart PostgreSQL (pg_ctl restart -D '/var/lib/postgresql/my data' -m fast, or as your system does it); nothing was changed yet.`;
    expect((await steps.refused("preflight")).split("\n")).toEqual([
      `max_replication_slots is 0 with 0 in use by others, and 1 free ones are needed: run ALTER SYSTEM SET max_replication_slots = '10'; ${restart}`,
      `max_wal_senders is 0 with 0 in use by others, and 2 free ones are needed: run ALTER SYSTEM SET max_wal_senders = '10'; ${restart}`,
      `wal_level is "minimal", and a standby needs at least "replica": run ALTER SYSTEM SET wal_level = 'replica'; ${restart}`,
    ]);
    expect(await server.snapshot()).toEqual(before);
  });

  it("passes once those commands ran and it was restarted", async () => {
    await server.sql(`alter system set wal_level = 'replica'; alter system set max_wal_senders = '10';
      alter system set max_replication_slots = '10'`);
    await server.sql("select pg_reload_conf()");
    expect(await steps.refused("preflight")).toContain(
      'wal_level is "minimal", and a standby needs at least "replica": it is set to "replica" already and waits for a restart',
    );
    await server.restart();
    expect(await steps.must("preflight")).toContain("is ready for 1 standby(s).");
  });

  it("is refused when it is of another major, or we are no superuser", async () => {
    steps.settings.version = 17;
    expect(await steps.refused("preflight")).toBe(
      "The server is PostgreSQL 13, but laterbase:primary.version says 17.",
    );
    steps.settings.version = 13;
    await server.sql("create role plain login password 'x'");
    const other = new Steps(server);
    Object.assign(other.settings, { superuser: "plain", superuserPassword: "x" });
    expect(await other.refused("preflight")).toBe(
      "plain is not a superuser: pg_hba.conf and the settings need one.",
    );
  });
});

describe("what belongs to somebody else", () => {
  const server = new Stranger(17);
  const steps = new Steps(server);
  const other = new Steps(server, "laterbase/other#99999999");

  beforeAll(() => server.start(), 600_000);
  afterAll(() => server.stop(), 60_000);

  /** Refused by preflight and by the step, with nothing changed by either. */
  async function untouched(step: "role" | "slot", sentence: string): Promise<void> {
    const before = await server.snapshot();
    expect(await steps.refused("preflight")).toContain(sentence);
    expect(await steps.refused(step)).toBe(sentence);
    expect(await server.snapshot()).toEqual(before);
  }

  it("as a role is refused, and not removed", async () => {
    await server.sql("create role laterbase_test login");
    await untouched(
      "role",
      'Role "laterbase_test" is on the primary already and was not made by Laterbase: drop or rename it first.',
    );
    expect(await steps.must("role", "remove")).toBe(
      'Role "laterbase_test" belongs to somebody else: it is left alone.',
    );
    await server.sql("drop role laterbase_test");
  });

  it("as another stack's role is refused, also when we mend", async () => {
    const twin = new Steps(server, "laterbase/test#ffffffff");
    await twin.must("role");
    const sentence =
      'Role "laterbase_test" on the primary belongs to laterbase/test#ffffffff, not to laterbase/test#0a1b2c3d: it is left alone.';
    await untouched("role", sentence);
    expect(await steps.refused("role", "mend")).toBe(sentence);
    await twin.must("role", "remove");
  });

  it("as a slot is refused, and not removed", async () => {
    await steps.must("role");
    await server.sql(`select pg_create_physical_replication_slot('${slot}')`);
    await untouched(
      "slot",
      `Slot "${slot}" is on the primary already and was not made by Laterbase: drop it (SELECT pg_drop_replication_slot('${slot}')) or give the standby another name.`,
    );
    expect(await steps.must("slot", "remove")).toContain("is not this stack's: it is left alone.");
    await server.sql(`select pg_drop_replication_slot('${slot}')`);
  });

  it("as another stack's slot is refused, also when we mend", async () => {
    await other.must("role");
    await other.must("slot");
    const sentence = `Slot "${slot}" on the primary belongs to laterbase/other#99999999, not to laterbase/test#0a1b2c3d: give the standby another name.`;
    await untouched("slot", sentence);
    expect(await steps.refused("slot", "mend")).toBe(sentence);
    await other.must("role", "remove");
    expect(await server.sql("select count(*) from pg_replication_slots")).toBe("0");
    await steps.must("role", "remove");
  });

  it("as a grant to our role is named when the role cannot go", async () => {
    await steps.must("role");
    await server.sql("create table mine (); grant select on mine to laterbase_test");
    expect(await steps.refused("role", "remove")).toMatch(
      /^Role "laterbase_test" cannot be dropped because somebody gave it more .*: privileges for table mine/,
    );
    await server.sql("drop table mine");
    expect(await steps.must("role", "remove")).toBe('Role "laterbase_test" is dropped.');
  });
});

describe("a replication connection that fails", () => {
  const server = new Stranger(17);
  const steps = new Steps(server, undefined, inContainer(server));

  beforeAll(async () => {
    await server.start();
    await steps.applyAll();
  }, 600_000);
  afterAll(() => server.stop(), 60_000);

  it("for want of an entry says which address the server saw", async () => {
    await steps.must("hba", "remove");
    expect(await steps.refused("probe")).toMatch(
      /^The primary at lbt-\S+:5432 has no pg_hba.conf entry that lets "laterbase_test" in from \d+\.\d+\.\d+\.\d+: laterbase:primary.allowFrom must hold that network\.$/m,
    );
    await steps.must("hba");
  });

  it("for its password says so, and not the password", async () => {
    const said = await steps.refused("probe", "apply", { password: "wrong-secret" });
    expect(said).toMatch(/^The primary at \S+ refused the password of "laterbase_test"\.$/m);
    expect(said).not.toContain("wrong-secret");
  });

  it("for want of a name or a listener says so", async () => {
    steps.settings.host = "nowhere.invalid";
    expect(await steps.refused("probe")).toMatch(
      /^The name in nowhere.invalid:5432 cannot be resolved/,
    );
    Object.assign(steps.settings, { host: server.name, port: 5999 });
    expect(await steps.refused("probe")).toMatch(
      /^Nothing answers at \S+:5999: the connection was refused/,
    );
    Object.assign(steps.settings, { port: 5432 });
  });

  it("for want of an answer says so after 10 s", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const local = new Steps(server, undefined, (script, mode) =>
      run("bash", ["-s", "--", mode], { input: script }),
    );
    Object.assign(local.settings, {
      host: "127.0.0.1",
      port: (silent.address() as AddressInfo).port,
      transport: { kind: "sql" },
    });
    const begun = Date.now();
    expect(await local.refused("probe")).toMatch(
      /^The primary at 127\.0\.0\.1:\d+ did not answer in time\.$/m,
    );
    expect(Date.now() - begun).toBeLessThan(15_000);
    silent.close();
  });

  it("shows no secret to who lists processes while it works", async () => {
    const lock = server.sql("select pg_advisory_lock(7031642); select pg_sleep(8)");
    await until(
      "the lock is held",
      async () =>
        (await server.sql(
          "select count(*) from pg_locks where locktype = 'advisory' and granted",
        )) !== "0",
    );
    const step = steps.run("role");
    await until(
      "the step waits for it",
      async () =>
        (await server.sql(
          "select count(*) from pg_locks where locktype = 'advisory' and not granted",
        )) !== "0",
    );
    const ps = await ok("docker", [
      "ps",
      "-q",
      "--filter",
      "label=laterbase.role=step",
      "--filter",
      `network=${server.name}`,
    ]);
    const top = await ok("docker", ["top", ps.trim(), "axww", "-o", "pid,args"]);
    const inspect = await ok("docker", ["inspect", ps.trim()]);
    expect(top).toContain("psql");
    for (const secret of [
      superuserPassword,
      rolePassword,
      "SCRAM-SHA-256$",
      "sup:er",
      "sup\\:er",
    ]) {
      expect(top).not.toContain(secret);
      expect(inspect).not.toContain(secret);
    }
    await lock;
    expect((await step).code).toBe(0);
  });

  it("leaves no container behind, also when it is interrupted", async () => {
    const left = () =>
      ok("docker", [
        "ps",
        "-aq",
        "--filter",
        `network=${server.name}`,
        "--filter",
        "label=laterbase.role=step",
      ]);
    const lock = server.sql("select pg_advisory_lock(7031642); select pg_sleep(6)");
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "scripts/primary/inContainer.ts", "apply"],
      {
        env: {
          ...process.env,
          LATERBASE_ENGINE: "",
          LATERBASE_IMAGE: server.image,
          LATERBASE_NETWORK: server.name,
        },
      },
    );
    child.stdin.end(stepScript("role", steps.settings, steps.values));
    await until("the step runs", async () => (await left()) !== "", 20);
    child.kill("SIGINT");
    await until("its container is gone", async () => (await left()) === "", 20);
    await lock;
  });

  it("when the server is down at destroy says what remains there, step by step", async () => {
    await server.down();
    const remains = async (step: "role" | "cap" | "slot" | "hba") => {
      const [first, ...rest] = (await steps.refused(step, "remove")).split("\n");
      expect(first).toMatch(/^Nothing answers at /);
      return rest
        .filter((line) => line.startsWith("On the primary"))
        .map((line) => line.replace(/^.*?remains /, ""));
    };
    expect(await remains("slot")).toEqual([
      `the replication slot "${slot}", which keeps WAL: SELECT pg_drop_replication_slot('${slot}');`,
    ]);
    expect(await remains("hba")).toEqual([expect.stringMatching(/^the block from "# BEGIN/)]);
    expect(await remains("cap")).toEqual([
      expect.stringMatching(/^max_slot_wal_keep_size as Laterbase set it/),
    ]);
    expect(await remains("role")).toEqual(['the role "laterbase_test": DROP ROLE laterbase_test;']);
    await server.up();
    await steps.removeAll();
  });
});
