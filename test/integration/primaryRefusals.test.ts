import { Stranger } from "../support/primaryServer";
import { slot, Steps } from "../support/primarySteps";

// What is refused, and that a refusal changes nothing.
jest.setTimeout(600_000);

describe("a server that lacks what standbys need", () => {
  const server = new Stranger(13, {
    conf: ["wal_level = minimal", "max_wal_senders = 0", "max_replication_slots = 0"],
  });
  const steps = new Steps(server);

  beforeAll(() => server.start(), 600_000);
  afterAll(() => server.stop(), 600_000);

  it("gets every finding with its command, and is not touched", async () => {
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
      "plain is not a superuser, which pg_hba.conf and the settings need: name one in " +
        "laterbase:primary.superuser, or have one run ALTER ROLE plain SUPERUSER; nothing was changed yet.",
    );
    await server.sql("alter role plain superuser");
    expect(await other.must("preflight")).toContain("is ready for 1 standby(s).");
  });
});

describe("a server with fewer connections than the pooler may open", () => {
  const server = new Stranger(17, { conf: ["max_connections = 60", "reserved_connections = 4"] });
  const steps = new Steps(server);

  beforeAll(() => server.start(), 600_000);
  afterAll(() => server.stop(), 600_000);

  it("gets the number that it needs, or the advice to use smaller pools", async () => {
    expect(await steps.refused("preflight", "apply", { pooled: 44 })).toBe(
      "max_connections is 60 with 7 of them reserved, and the pooler's 44 and 10 for others need 61 " +
        "(or smaller pools, by laterbase:pooler.poolSize): run ALTER SYSTEM SET max_connections = '61'; " +
        "and then restart PostgreSQL (pg_ctl restart -D '/var/lib/postgresql/my data' -m fast, or as " +
        "your system does it); nothing was changed yet.",
    );
    expect(await steps.must("preflight", "apply", { pooled: 43 })).toContain("is ready");
    expect(await steps.must("preflight")).toContain("is ready");
  });
});

describe("what belongs to another owner", () => {
  const server = new Stranger(17);
  const steps = new Steps(server);
  const other = new Steps(server, "laterbase/other#99999999");

  beforeAll(() => server.start(), 600_000);
  afterAll(() => server.stop(), 600_000);

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
      'Role "laterbase_test" belongs to another owner: it is left alone.',
    );
    await server.sql("drop role laterbase_test");
  });

  it("as another stack's role is refused, also in a repair", async () => {
    const twin = new Steps(server, "laterbase/test#ffffffff");
    await twin.must("role");
    const sentence =
      'Role "laterbase_test" on the primary belongs to laterbase/test#ffffffff, not to laterbase/test#0a1b2c3d: it is left alone. ' +
      "If that stack of the same name is gone, 'npm run laterbase -- preflight --take-over ffffffff --stack test' removes what it left there.";
    await untouched("role", sentence);
    expect(await steps.refused("role", "repair")).toBe(sentence);
    await twin.must("role", "remove");
  });

  it("as a slot is refused, and not removed", async () => {
    await steps.must("role");
    await server.sql(`select pg_create_physical_replication_slot('${slot}')`);
    await untouched(
      "slot",
      `Slot "${slot}" is on the primary already and was not made by Laterbase: drop it (SELECT pg_drop_replication_slot('${slot}')) or give the standby another name.`,
    );
    expect(await steps.must("slot", "remove")).toContain(
      "does not belong to this stack: it is left alone.",
    );
    await server.sql(`select pg_drop_replication_slot('${slot}')`);
  });

  it("as another stack's slot is refused, also in a repair", async () => {
    await other.must("role");
    await other.must("slot");
    const sentence = `Slot "${slot}" on the primary belongs to laterbase/other#99999999, not to laterbase/test#0a1b2c3d: give the standby another name.`;
    await untouched("slot", sentence);
    expect(await steps.refused("slot", "repair")).toBe(sentence);
    await other.must("role", "remove");
    expect(await server.sql("select count(*) from pg_replication_slots")).toBe("0");
    await steps.must("role", "remove");
  });

  it("as a grant to our role is named when the role cannot go", async () => {
    await steps.must("role");
    await server.sql("create table mine (); grant select on mine to laterbase_test");
    expect(await steps.refused("role", "remove")).toMatch(
      /^Role "laterbase_test" cannot be dropped because others gave it more .*: privileges for table public.mine/,
    );
    await server.sql("drop table mine");
    expect(await steps.must("role", "remove")).toBe('Role "laterbase_test" is dropped.');
  });
});
