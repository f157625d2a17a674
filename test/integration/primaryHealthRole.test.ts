import { drift } from "../../scripts/primary/observe/drift";
import type { Observation } from "../../scripts/primary/observe/observation";
import { cases } from "../support/cases";
import { DumpRole } from "../support/primaryDumpRole";
import { Stranger } from "../support/primaryServer";
import { rolePassword, slot, Steps } from "../support/primarySteps";

// The role of the monitor: it looks at the server, updates one row where Laterbase runs it, writes nothing else, and
// goes again without a trace.
jest.setTimeout(600_000);

describe.each(cases([17], [13, 15]))("the role of the monitor on PostgreSQL %i", (major) => {
  const server = new Stranger(major);
  const steps = new Steps(server);
  steps.values = { ...steps.values, health: true, managed: true };
  const role = new DumpRole(server, "laterbase_test_health", rolePassword);
  const { name } = role;
  let before: Record<string, string>;
  const look = async () => {
    const observation = JSON.parse(await steps.must("observe")) as Observation;
    const expected = { owner: "laterbase/test", role: "laterbase_test", healthRole: name };
    return drift({ ...expected, slots: { standby: slot } }, observation);
  };
  const beat = "update laterbase.heartbeat set beat = beat + 1, at = now() where id = 1";

  beforeAll(async () => {
    await server.start();
    before = await server.snapshot();
    for (const step of ["role", "slotWalLimit", "slot"] as const) await steps.must(step);
  }, 600_000);
  afterAll(() => server.stop(), 600_000);

  it("is made with its heartbeat, and let in", async () => {
    expect(await look()).toEqual({});
    const said = await steps.must("health");
    expect(said).toBe(
      `Role "${name}" is created. It has the rights of pg_monitor.` +
        " Its idle_in_transaction_session_timeout is 10s. Its lock_timeout is 2s. Its row_security is off." +
        " Its search_path is pg_catalog. Its statement_timeout is 10s." +
        " The table laterbase.heartbeat is made. It may update the heartbeat.",
    );
    await steps.must("hba");
    expect(await look()).toEqual({});
    // Again, nothing is to do.
    expect(await steps.must("health")).toBe(`Role "${name}" is in place.`);
  });

  it("updates the heartbeat, and writes nothing else", async () => {
    await role.sql("postgres", beat);
    expect(await role.sql("postgres", "select beat from laterbase.heartbeat")).toBe("1");
    for (const what of [
      "insert into laterbase.heartbeat values (2, 0, now())",
      "delete from laterbase.heartbeat",
      "truncate laterbase.heartbeat",
      "create table laterbase.mine (a int)",
      "create table pg_temp.mine as select 1; alter table laterbase.heartbeat add column x int",
      "update laterbase.heartbeat set id = 2",
    ]) {
      expect(await role.refused("postgres", what)).toMatch(
        /permission denied|must be owner|violates check constraint/,
      );
    }
    // What only pg_monitor sees.
    const others = "select count(*) from pg_stat_activity where query like '<insufficient%'";
    expect(await role.sql("postgres", others)).toBe("0");
  });

  it.each([
    ["gone", "drop table laterbase.heartbeat", "the table laterbase.heartbeat is gone"],
    [
      "closed",
      `revoke update on laterbase.heartbeat from ${name}`,
      "the monitor may not update laterbase.heartbeat",
    ],
    ["without its role", `drop owned by ${name}; drop role ${name}`, `role ${name} is gone`],
    ["of another password", `alter role ${name} password 'x'`, `role ${name} has another password`],
  ])("a heartbeat that is %s is seen and repaired", async (_, sql, sentence) => {
    await server.sql(sql);
    expect(await look()).toEqual({ health: sentence });
    await steps.must("health", "repair");
    expect(await look()).toEqual({});
    await role.sql("postgres", beat);
  });

  it("is not kept in what belongs to others, and does not run their code", async () => {
    await steps.must("health", "remove");
    await server.sql("create role mallory; create schema laterbase authorization mallory");
    expect(await steps.refused("health")).toBe(
      "The schema laterbase in the database \"postgres\" is not Laterbase's: rename it, because the monitor's heartbeat is kept there.",
    );
    await server.sql("drop schema laterbase; drop role mallory");
    await steps.must("health");
    const trap = `create function pg_temp.f() returns trigger language plpgsql as $$ begin raise 'trapped'; end $$;
      create trigger t before insert on laterbase.heartbeat for each row execute function pg_temp.f()`;
    await server.sql(`create table laterbase.other (a int); ${trap.replace(/pg_temp/g, "public")}`);
    expect(await look()).toEqual({ health: "the table laterbase.heartbeat is not as it was made" });
    expect(await steps.refused("health", "repair")).toBe(
      'The table laterbase.heartbeat in the database "postgres" is not as Laterbase makes it: drop or rename it, and the next up makes it again.',
    );
  });

  it("goes with its heartbeat, and leaves what others made", async () => {
    expect((await steps.must("health", "remove")).split("\n")).toEqual([
      "The table laterbase.heartbeat is dropped. The schema laterbase stays, because it holds what others made.",
      `Role "${name}" is dropped.`,
    ]);
    await server.sql("drop schema laterbase cascade; drop function public.f()");
    await steps.must("health");
    expect((await steps.must("role", "remove")).split("\n")).toEqual([
      "The table laterbase.heartbeat is dropped.",
      `Role "${name}" is dropped.`,
      "max_slot_wal_keep_size is as it was.",
      'Role "laterbase_test" is dropped.',
    ]);
    expect(await server.snapshot()).toEqual(before);
  });

  it("of an external primary has no heartbeat: nothing else is written there", async () => {
    await steps.must("role");
    expect(await steps.must("health", "apply", { managed: false })).not.toContain("heartbeat");
    expect(await server.sql("select to_regnamespace('laterbase') is null")).toBe("t");
    await steps.must("role", "remove");
    expect(await server.snapshot()).toEqual(before);
  });
});
