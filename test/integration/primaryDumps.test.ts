import { dumpRoleSettings } from "../../contract/sessionSettings";
import type { Observation } from "../../scripts/primary/observe/observation";
import { drift } from "../../scripts/primary/observe/drift";
import { runBySsh } from "../../scripts/primary/ssh";
import { cases } from "../support/cases";
import { Stranger } from "../support/primaryServer";
import { DumpRole, furnish } from "../support/primaryDumpRole";
import { SshServer } from "../support/primarySshServer";
import { inContainer, rolePassword, slot, Steps, type Way } from "../support/primarySteps";

// A role that dumps an external server: it reads everything, writes nothing, and goes again
// without a trace. What this does not prove: the dumps themselves (the agent's tests do).
jest.setTimeout(600_000);

describe.each(cases([17], [15]))("the role that dumps PostgreSQL %i", (major) => {
  const server = new Stranger(major);
  const steps = new Steps(server);
  steps.values.dumps = true;
  const role = new DumpRole(server, "laterbase_test_dumps", rolePassword);
  let before: Record<string, string>;
  const look = async () => JSON.parse(await steps.must("observe")) as Observation;
  const expected = {
    owner: "laterbase/test",
    role: "laterbase_test",
    dumpRole: role.name,
    slots: { standby: slot },
  };

  beforeAll(async () => {
    await server.start();
    await furnish(server);
    before = await server.snapshot();
  }, 600_000);
  afterAll(() => server.stop(), 600_000);

  it("is added to a stack of an earlier version without an error, and is no drift before", async () => {
    const former = new Steps(server);
    await former.applyAll();
    expect(drift(expected, await look())).toEqual({});
    const bySql = new Steps(server, undefined, inContainer(server));
    bySql.values.dumps = true;
    const said = await bySql.applyAll();
    const settings = Object.entries(dumpRoleSettings(major)).sort();
    const set = settings.map(([name, value]) => ` Its ${name} is ${value || "empty"}.`).join("");
    expect(said[2]).toBe(
      `Role "laterbase_test_dumps" is created. It has the rights of pg_read_all_data.${set} It may connect to "closed é". It may connect to "nobody's".`,
    );
    expect(said.at(-1)).toBe("The pg_hba.conf entry is written.");
    expect(drift(expected, await look())).toEqual({});
  });

  it("is made once: a second run changes nothing", async () => {
    const after = await server.snapshot();
    expect(await steps.must("dumps")).toBe('Role "laterbase_test_dumps" is in place.');
    await steps.applyAll();
    expect(await server.snapshot()).toEqual(after);
  });

  it("has a block beside it that lets the role of restores in, where the stack restores", async () => {
    const restore = new DumpRole(server, "laterbase_test_restore", rolePassword);
    await server.sql(`create role ${restore.name} login password '${steps.values.verifier}'`);
    expect(await restore.refused("open", "select 1")).toContain("no pg_hba.conf entry");
    expect(await steps.must("hba", "apply", { restores: true })).toBe(
      "The pg_hba.conf entry is written.",
    );
    expect(await restore.sql("open", "select current_user")).toBe(restore.name);
    expect(drift(expected, await look())).toEqual({});
    const written = await server.readHba();
    await server.writeHba(written.replace(/^host +all +laterbase_test_restore +samenet.*\n/m, ""));
    expect(drift(expected, await look())).toEqual({
      hba: `pg_hba.conf does not let ${restore.name} in from samenet`,
    });
    await steps.must("hba");
    expect(await restore.refused("open", "select 1")).toContain("no pg_hba.conf entry");
    await server.sql(`drop role ${restore.name}`);
  });

  it("is let in by our block, and by nothing else", async () => {
    expect(await role.sql("open", "select current_user")).toBe(role.name);
    await steps.must("hba", "apply", { dumps: false });
    expect(await role.refused("open", "select 1")).toContain("no pg_hba.conf entry");
    await steps.must("hba");
  });

  it.each(["open", "closed é", "nobody's"])("reads everything in %s", async (database) => {
    expect(
      await role.sql(database, "select count(*) from hidden.guarded; select count(*) from mine"),
    ).toBe("3\n2");
    expect(
      await role.sql(
        database,
        "select convert_from(lo_get(oid), 'UTF8') from pg_largeobject_metadata",
      ),
    ).toBe("a large object");
    const asRole = await role.bash(`pg_dump ${role.flags} -d "$DB"`, database);
    const asSuperuser = await server.bash(
      `PGPASSFILE=/tmp/pass pg_dump -w -h /tmp -U "$U" -d "${database}"`,
    );
    const clean = (text: string) => text.replace(/^\\(un)?restrict .*$/gm, "");
    expect(clean(asRole).trim()).toBe(clean(asSuperuser).trim());
    expect(asRole).toContain("lowrite");
  });

  it("reads the globals, passwords included", async () => {
    const globals = (by: string) => `${by} --globals-only | grep -v restrict`;
    const asRole = await role.bash(globals(`pg_dumpall ${role.flags}`), "open");
    const asSuperuser = await server.bash(
      globals(`PGPASSFILE=/tmp/pass pg_dumpall -w -h /tmp -U "$U"`),
    );
    expect(asRole).toBe(asSuperuser.trim());
    expect(asRole).toMatch(/ALTER ROLE alice WITH .* PASSWORD 'SCRAM-SHA-256\$4096:/);
    expect(await role.sql("open", "select count(rolpassword) > 1 from pg_authid")).toBe("t");
  });

  it("writes nothing, not even in read-write transactions", async () => {
    const insert = "insert into mine values (9)";
    expect(await role.refused("open", insert)).toContain("in a read-only transaction");
    const writable = (what: string) => `begin read write; ${what}; commit`;
    expect(await role.refused("open", writable(insert))).toContain("permission denied for table");
    expect(await role.refused("open", writable("create table public.x ()"))).toContain(
      "permission denied for schema",
    );
    expect(await role.refused("open", writable("alter role alice nologin"))).toMatch(
      /permission denied|must have/,
    );
  });

  it("could change large objects, but in no read-only transaction from 16 on", async () => {
    const change = "select lo_unlink(oid) from pg_largeobject_metadata; rollback";
    expect(await role.sql("open", `begin read write; ${change}`)).toBe("1");
    if (major < 16) expect(await role.sql("open", `begin; ${change}`)).toBe("1");
    else expect(await role.refused("open", `begin; ${change}`)).toContain("read-only transaction");
  });

  it("does not replicate", async () => {
    await server.bash(
      `printf 'host replication ${role.name} all scram-sha-256\\n' | cat - "$H" >/tmp/h; cp "$H" /tmp/kept; cat /tmp/h >"$H"; pg_ctl -D "$D" reload; sleep 0.3`,
    );
    const tried = await role.try(`pg_receivewal ${role.flags} -D /tmp --no-loop`);
    await server.bash(`cat /tmp/kept >"$H"; pg_ctl -D "$D" reload`);
    expect(tried.code).not.toBe(0);
    expect(tried.stderr).toMatch(
      /must be superuser or replication role|permission denied to start WAL sender/,
    );
  });

  const name = role.name;

  it("stays when others granted it more than Laterbase did, and that is named", async () => {
    await server.sql(`create table theirs (); grant select on theirs to ${name}`);
    const whole = await server.snapshot();
    const sentence = new RegExp(
      `^Role "${name}" cannot be dropped because others gave it more than Laterbase did: privileges for table public.theirs$`,
    );
    expect(await steps.refused("dumps", "remove")).toMatch(sentence);
    expect(await steps.refused("role", "remove")).toMatch(sentence);
    expect((await server.snapshot())["databases"]).toBe(whole["databases"]);
    await server.sql("drop table theirs");
    await steps.applyAll();
  });

  it("goes with its connections, and everything is as it was found", async () => {
    const busy = role.try(`psql -XqAtw ${role.flags} -d open -c 'select pg_sleep(60)'`);
    await server.sql(
      `do $$ begin for i in 1..100 loop exit when exists (select from pg_stat_activity where usename = '${name}'); perform pg_sleep(0.1); perform pg_stat_clear_snapshot(); end loop; end $$`,
    );
    expect(await steps.must("dumps", "remove")).toBe(`Role "${name}" is dropped.`);
    expect((await busy).code).not.toBe(0);
    await steps.removeAll();
    expect(await server.snapshot()).toEqual(before);
    expect(await steps.must("dumps", "remove")).toBe(`Role "${name}" is gone already.`);
  });

  it("is swept away with the role when its own step failed half-way", async () => {
    const fresh = await server.snapshot();
    await steps.must("role");
    await steps.must("dumps");
    expect((await steps.must("role", "remove")).split("\n")).toEqual([
      `Role "${name}" is dropped.`,
      'Role "laterbase_test" is dropped.',
    ]);
    expect(await server.snapshot()).toEqual(fresh);
    await steps.must("role");
    expect(await steps.must("role", "remove")).toBe('Role "laterbase_test" is dropped.');
  });

  it("is refused before the role step, and as another's, and then nothing is touched", async () => {
    const untouched = async (step: "dumps" | "preflight", mode: string, sentence: string) => {
      const whole = await server.snapshot();
      expect(await steps.refused(step, mode)).toBe(sentence);
      expect(await server.snapshot()).toEqual(whole);
    };
    await untouched(
      "dumps",
      "apply",
      'Role "laterbase_test" with the record of laterbase/test#0a1b2c3d is not on the primary: the role step comes first.',
    );
    await steps.must("role");
    await server.sql(`create role ${name}`);
    const unknown = `Role "${name}" is on the primary already and was not made by Laterbase: drop or rename it first.`;
    await untouched("dumps", "apply", unknown);
    await untouched("preflight", "apply", unknown);
    expect(await steps.must("dumps", "remove")).toBe(
      `Role "${name}" belongs to another owner: it is left alone.`,
    );
    await server.sql(`drop role ${name}`);

    const twin = new Steps(server, "laterbase/test_dumps#ffffffff");
    await twin.must("role");
    const theirs = `Role "${name}" on the primary belongs to laterbase/test_dumps#ffffffff, not to laterbase/test#0a1b2c3d: it is left alone.`;
    for (const mode of ["apply", "repair"]) {
      await untouched("dumps", mode, theirs);
      await untouched("preflight", mode, theirs);
    }
    expect(await steps.must("role", "remove")).toBe('Role "laterbase_test" is dropped.');
    expect(await server.sql(`select count(*) from pg_roles where rolname = '${name}'`)).toBe("1");
    await twin.must("role", "remove");
  });

  it("appears in no log with its password, though every statement is logged", async () => {
    const log = await server.log();
    expect(log).toContain("laterbase.args");
    expect(log).not.toContain(rolePassword);
  });

  if (major === 17) {
    const ssh = new SshServer(server.name);
    beforeAll(() => ssh.start());
    afterAll(() => ssh.stop());

    it("is the same when it is made over SSH", async () => {
      const fresh = await server.snapshot();
      const target = { host: "127.0.0.1", port: ssh.port, user: "a", privateKey: ssh.privateKey };
      const way: Way = (script, mode) =>
        runBySsh({ ...target, hostKey: ssh.hostKey }, script, undefined, mode);
      const far = new Steps(server, undefined, way);
      far.values.dumps = true;
      far.settings.transport = { kind: "ssh" };
      await far.applyAll();
      const bySsh = await server.snapshot();
      await far.removeAll();
      expect(await server.snapshot()).toEqual(fresh);
      await steps.applyAll();
      expect(await server.snapshot()).toEqual(bySsh);
      await steps.removeAll();
      expect(new Set(ssh.commands)).toEqual(new Set(["bash -s -- apply", "bash -s -- remove"]));
    });
  }

  it("is named with the way to undo it when the server is down at destroy", async () => {
    await server.down();
    expect((await steps.refused("dumps", "remove")).split("\n").at(-1)).toBe(
      `The role "${name}" remains on the primary ${server.name}:5432: DROP OWNED BY ${name}; DROP ROLE ${name};`,
    );
  });
});
