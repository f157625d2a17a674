import { drift } from "../../scripts/primary/observe/drift";
import type { Observation } from "../../scripts/primary/observe/observation";
import { cases } from "../support/cases";
import { DumpRole, furnish } from "../support/primaryDumpRole";
import { Stranger } from "../support/primaryServer";
import { rolePassword, slot, Steps } from "../support/primarySteps";

// The role that pgAdmin connects by on an external server: it looks, from 14 on reads, writes nothing,
// calls nothing of a database's owner by accident, and goes again without a trace.
jest.setTimeout(600_000);

describe.each(cases([17], [13, 15]))("the role of pgAdmin on PostgreSQL %i", (major) => {
  const server = new Stranger(major);
  const steps = new Steps(server);
  steps.values = { ...steps.values, dumps: major >= 14, pgAdmin: true };
  const role = new DumpRole(server, "laterbase_test_pgadmin", rolePassword);
  const { name } = role;
  const reads = major >= 14;
  let before: Record<string, string>;
  const look = async () => {
    const observation = JSON.parse(await steps.must("observe")) as Observation;
    const dumpRole = reads ? { dumpRole: "laterbase_test_dumps" } : {};
    const expected = { owner: "laterbase/test", role: "laterbase_test", pgAdminRole: name };
    return drift({ ...expected, ...dumpRole, slots: { standby: slot } }, observation);
  };

  beforeAll(async () => {
    await server.start();
    await furnish(server);
    before = await server.snapshot();
  }, 600_000);
  afterAll(() => server.stop(), 600_000);

  it("is added to a stack of an earlier version, whose block in pg_hba.conf then lets it in", async () => {
    const former = new Steps(server);
    former.values.dumps = reads;
    await former.applyAll();
    const block = await server.readHba();
    expect(block).not.toContain(name);
    expect(await look()).toEqual({});
    const said = await steps.applyAll();
    expect(said[reads ? 3 : 2]).toBe(
      `Role "${name}" is created. It has the rights of pg_monitor.` +
        (reads ? " It has the rights of pg_read_all_data." : "") +
        " Its default_transaction_read_only is on. Its row_security is off. Its search_path is pg_catalog." +
        ` It may connect to "closed é". It may connect to "nobody's".`,
    );
    expect(said.at(-1)).toBe("The pg_hba.conf entry is written.");
    expect(await server.readHba()).toContain(`host    all    ${name}    samenet    scram-sha-256`);
    expect(await look()).toEqual({});
    const whole = await server.snapshot();
    await steps.applyAll();
    expect(await server.snapshot()).toEqual(whole);
  });

  it.each(["open", "closed é", "nobody's"])(
    "looks at %s, and reads as far as it may",
    async (db) => {
      expect(await role.sql(db, "select current_user")).toBe(name);
      // What only pg_monitor sees: another session's query.
      expect(
        await role.sql(
          db,
          "select count(*) from pg_stat_activity where query like '<insufficient%'",
        ),
      ).toBe("0");
      if (reads) expect(await role.sql(db, "select count(*) from public.mine")).toBe("2");
      else
        expect(await role.refused(db, "select 1 from public.mine")).toContain("permission denied");
      if (!reads) return;
      // An error, and not the few rows that a policy would show.
      expect(await role.refused(db, "select count(*) from hidden.guarded")).toContain(
        "row-level security policy",
      );
    },
  );

  it("writes nothing, not even in read-write transactions", async () => {
    const insert = "insert into public.mine values (9)";
    expect(await role.refused("open", insert)).toContain("in a read-only transaction");
    const writable = (what: string) => `begin read write; ${what}; commit`;
    const large = "select lo_unlink(oid) from pg_largeobject_metadata";
    for (const what of [insert, large, "create role x", "alter role alice nologin"]) {
      expect(await role.refused("open", writable(what))).toMatch(
        /permission denied|must be (superuser|owner)/,
      );
    }
    for (const what of [
      "select pg_read_file('postgresql.conf')",
      "copy (select 1) to program 'id'",
      "copy (select 1) to '/tmp/x'",
      "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user",
    ]) {
      expect(await role.refused("open", writable(what))).toMatch(/permission denied|must be/i);
    }
  });

  it("does not call what a database's owner has put in the way", async () => {
    await server.sql("alter database open owner to alice");
    const hostile = `
      create schema trap;
      create function trap.pg_encoding_to_char(int) returns name language plpgsql as $$
        begin raise exception 'trapped as %', current_user; end $$;
      create function public.upper(varchar) returns text language plpgsql as $$
        begin raise exception 'trapped as %', current_user; end $$;
      grant usage on schema trap to public;
      alter database open set search_path = trap, public, pg_catalog;`;
    await server.bash(
      `PGPASSFILE=/tmp/pass psql -XqAtw -v ON_ERROR_STOP=1 -h /tmp -U "$U" -d open -f -`,
      { input: `set search_path = public; ${hostile}` },
    );
    const question = "select pg_encoding_to_char(6), upper('a'::varchar)";
    // Anybody else falls into both.
    await server.sql("create role carol login password 'of carol'");
    const tried = await server.bash(
      `PGPASSWORD='of carol' psql -XqAtw -h /tmp -U carol -d open -c "${question}" 2>&1 || true`,
    );
    expect(tried).toContain("trapped as carol");
    expect(await role.sql("open", question)).toBe("UTF8|A");
    await server.bash(
      `PGPASSFILE=/tmp/pass psql -XqAtw -v ON_ERROR_STOP=1 -h /tmp -U "$U" -d open -f -`,
      {
        input:
          "drop schema trap cascade; drop function public.upper(varchar); drop role carol; alter database open reset search_path; do $$ begin execute format('alter database open owner to %I', current_user); end $$;",
      },
    );
  });

  it("keeps connections for others", async () => {
    expect(await server.sql(`select rolconnlimit from pg_roles where rolname = '${name}'`)).toBe(
      "25",
    );
  });

  it.each([
    ["BYPASSRLS", `alter role ${name} bypassrls`, `role ${name} has other attributes`],
    ["SUPERUSER", `alter role ${name} superuser`, `role ${name} has other attributes`],
    ["no limit", `alter role ${name} connection limit -1`, `role ${name} has other attributes`],
    [
      "another search_path",
      `alter role ${name} set search_path = public`,
      `role ${name} lost its setting search_path`,
    ],
    [
      "no membership",
      `revoke pg_monitor from ${name}`,
      `role ${name} lacks the rights of pg_monitor`,
    ],
    [
      "databases closed since then",
      `revoke connect on database "closed é" from ${name}`,
      `role ${name} may not connect to "closed é"`,
    ],
    ["no role", `drop owned by ${name}; drop role ${name}`, `role ${name} is gone`],
  ])("is repaired when it has %s", async (_, sql, sentence) => {
    await server.sql(sql);
    expect(await look()).toEqual({ pgAdmin: sentence });
    await steps.must("pgAdmin", "repair");
    expect(await look()).toEqual({});
  });

  it("goes when the stack has no pgAdmin any more, and its lines with it", async () => {
    await steps.must("pgAdmin", "remove");
    await steps.must("hba", "apply", { pgAdmin: false });
    expect(await server.readHba()).not.toContain(name);
    const rest = new Steps(server);
    rest.values.dumps = reads;
    await rest.removeAll();
    expect(clean(await server.snapshot())).toEqual(clean(before));
  });

  it("is swept away with the stack's role", async () => {
    await steps.must("role");
    await steps.must("pgAdmin");
    expect((await steps.must("role", "remove")).split("\n")).toEqual([
      `Role "${name}" is dropped.`,
      'Role "laterbase_test" is dropped.',
    ]);
    expect(clean(await server.snapshot())).toEqual(clean(before));
  });

  it("appears in no log with its password, though every statement is logged", async () => {
    expect(await server.log()).not.toContain(rolePassword);
  });
});

/** Giving a database to another owner and back makes its default rights explicit. */
const clean = ({ databases = "", ...rest }: Record<string, string>) => ({
  ...rest,
  databases: databases.replace(/^open\|.*$/m, ""),
});
