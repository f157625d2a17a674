import { drift } from "../../scripts/primary/observe/drift";
import type { Observation } from "../../scripts/primary/observe/observation";
import { cases } from "../support/cases";
import { DumpRole, furnish } from "../support/primaryDumpRole";
import { Stranger } from "../support/primaryServer";
import { rolePassword, slot, Steps } from "../support/primarySteps";

// What others change of the role that dumps is noticed and repaired.
jest.setTimeout(600_000);

describe.each(cases([17], [15]))("the role that dumps PostgreSQL %i", (major) => {
  const server = new Stranger(major);
  const steps = new Steps(server);
  steps.values.dumps = true;
  const { name } = new DumpRole(server, "laterbase_test_dumps", rolePassword);
  const look = async () => {
    const observation = JSON.parse(await steps.must("observe")) as Observation;
    const slots = { standby: slot };
    return drift(
      { owner: "laterbase/test", role: "laterbase_test", dumpRole: name, slots },
      observation,
    );
  };

  let before: Record<string, string>;

  beforeAll(async () => {
    await server.start();
    await furnish(server);
    before = await server.snapshot();
    await steps.applyAll();
  }, 600_000);
  afterAll(() => server.stop(), 600_000);

  const changes: [string, string, string][] = [
    ["no role", `drop owned by ${name}; drop role ${name}`, `role ${name} is gone`],
    ["no comment", `comment on role ${name} is null`, `role ${name} lost its ownership record`],
    ["no LOGIN", `alter role ${name} nologin`, `role ${name} has other attributes`],
    ["REPLICATION", `alter role ${name} replication`, `role ${name} has other attributes`],
    ["NOBYPASSRLS", `alter role ${name} nobypassrls`, `role ${name} has other attributes`],
    ["SUPERUSER", `alter role ${name} superuser`, `role ${name} has other attributes`],
    ["NOINHERIT", `alter role ${name} noinherit`, `role ${name} has other attributes`],
    ["another password", `alter role ${name} password 'x'`, `role ${name} has another password`],
    [
      "no membership",
      `revoke pg_read_all_data from ${name}`,
      `role ${name} lacks the rights of pg_read_all_data`,
    ],
    [
      "no setting",
      `alter role ${name} reset lo_compat_privileges; alter role ${name} set default_transaction_read_only = off`,
      `role ${name} lost its setting default_transaction_read_only, lo_compat_privileges`,
    ],
    [
      "databases closed since then",
      `revoke connect on database "closed é" from ${name}; revoke connect on database open from public`,
      `role ${name} may not connect to "closed é", "open"`,
    ],
    [
      "no promise in the stack's record",
      `do $$ begin execute format('comment on role laterbase_test is %L', shobj_description('laterbase_test'::regrole, 'pg_authid')::jsonb - 'dumps'); end $$`,
      `role ${name} is not recorded as ours`,
    ],
  ];

  it.each(changes)("is repaired when it has %s", async (_, sql, sentence) => {
    const whole = await server.snapshot();
    await server.sql(sql);
    expect(await look()).toEqual({ dumps: sentence });
    await steps.must("dumps", "repair");
    expect(await look()).toEqual({});
    if (sentence.includes('"open"')) {
      // The grant that closed it is undone by hand; ours stays until the role goes.
      await server.sql("grant connect on database open to public");
      return;
    }
    const repaired = await server.snapshot();
    expect(rolesOf(repaired)).toEqual(rolesOf(whole));
    expect({ ...repaired, roles: "", databases: "" }).toEqual({
      ...whole,
      roles: "",
      databases: "",
    });
  });

  it("is let in again when its rule was taken out or overruled", async () => {
    const whole = await server.readHba();
    await server.writeHba(whole.replace(new RegExp(`^host +all +${name}.*\n`, "gm"), ""));
    const from = "samenet, 192.168.7.0/24, fd00::/8";
    const sentence = { hba: `pg_hba.conf does not let ${name} in from ${from}` };
    expect(await look()).toEqual(sentence);
    await steps.must("hba", "repair");
    expect(await server.readHba()).toBe(whole);
    await server.writeHba(`host open all all reject\n${whole}`);
    expect(await look()).toEqual(sentence);
    await server.writeHba(`host all all 10.0.0.0/8 md5\n${whole}`);
    expect(await look()).toEqual({});
    await server.writeHba(whole);
  });

  it("goes without a trace after all that", async () => {
    await steps.removeAll();
    const after = await server.snapshot();
    // Revoking and granting again made the default of "open" explicit.
    const others = ({ databases = "" }) => databases.replace(/^open\|.*$/m, "");
    expect(others(after)).toBe(others(before));
    expect({ ...after, databases: "" }).toEqual({ ...before, databases: "" });
  });
});

/** Neither an end of validity that is infinite nor the order of settings makes another role. */
const rolesOf = ({ roles = "" }: Record<string, string>) =>
  roles
    .replace(/ VALID UNTIL 'infinity'/g, "")
    .replace(/"connect": \[[^\]]*\]/g, "")
    .split("\n")
    .sort();
