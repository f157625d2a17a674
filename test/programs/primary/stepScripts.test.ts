import { execFileSync, spawnSync } from "node:child_process";
import {
  dumpRoleName,
  hbaBlock,
  hbaRules,
  type PrimarySettings,
  remains,
  roleName,
  stepInput,
  type StepInput,
  type StepName,
  stepScript,
  type StepValues,
} from "../../../scripts/primary";
import { pgAdminRoleName, restoreRoleBeside, restoreRoleName } from "../../../contract/names";
import { dumpRoleSettings } from "../../../contract/sessionSettings";
import { hbaNetworks } from "../../../scripts/primary/hba";
import { readersBeside } from "../../../scripts/primary/readers";
import {
  asciiJson,
  conninfoQuote,
  passfileEscape,
  psqlQuote,
  shellQuote,
} from "../../../contract/quoting";
import { asciiWords, probeWords } from "../../../scripts/primary/collationWords";

const settings: PrimarySettings = {
  stack: "laterbase/dev#1a2b3c4d",
  role: "laterbase_dev",
  host: "10.0.0.7",
  port: 5433,
  superuser: "o'brien \\ sön",
  superuserPassword: "p:a\\s's \"$(id)`",
  database: "post gres",
  version: 13,
  transport: { kind: "sql" },
};
const steps: StepName[] = [
  "preflight",
  "collation",
  "amcheck",
  "role",
  "dumps",
  "pgAdmin",
  "backups",
  "slotWalLimit",
  "slot",
  "hba",
  "probe",
  "observe",
];
const values = {
  slots: ["laterbase_a_slot", "laterbase_b_slot"],
  slot: "laterbase_a_slot",
  verifier: "SCRAM-SHA-256$4096:c2FsdA==$a:b",
  size: "10GB",
  allowFrom: ["10.0.0.0/8", "samenet"],
  password: "repli:cation",
};

/** What the SQL of a step gets. */
function argsOf(step: StepName, more: StepValues): Record<string, unknown> {
  const script = stepScript(step, settings, { ...values, ...more });
  const text = /\\set args '(.*)'$/.exec(assigned(script, "SQL_ARGS"))![1]!;
  return JSON.parse(text.replace(/\\(.)/g, "$1")) as Record<string, unknown>;
}

/** The value that bash gives to one assignment of a script's head. */
function assigned(script: string, name: string): string {
  const head = script.slice(0, script.indexOf("\nsql_begin()"));
  return execFileSync("bash", ["-s"], { input: `${head}\nprintf %s "$${name}"` }).toString();
}

describe("quoting", () => {
  const nasty = 'it\'s "a" $(b) `c` \\d *';

  it("gives bash a word back as it was", () => {
    const input = `printf %s ${shellQuote(nasty)}`;
    expect(execFileSync("bash", ["-s"], { input }).toString()).toBe(nasty);
  });

  it.each([
    ["psql's \\set", psqlQuote("a'b\\c\nd"), "'a\\'b\\\\c\\nd'"],
    ["a connection string", conninfoQuote("a'b\\c d"), "'a\\'b\\\\c d'"],
    ["a passfile", passfileEscape("a:b\\c"), "a\\:b\\\\c"],
    ["JSON in ASCII", asciiJson({ ü: "日" }), '{"\\u00fc":"\\u65e5"}'],
  ])("escapes for %s", (_, quoted, expected) => expect(quoted).toBe(expected));

  it("refuses a password with a line break", () => {
    expect(() => passfileEscape("a\nb")).toThrow("a password must not hold a line break");
  });
});

describe("a step's script", () => {
  it.each(steps)("of %s is sound bash", (step) => {
    const input = stepScript(step, settings, values);
    expect(execFileSync("bash", ["-n"], { input }).toString()).toBe("");
  });

  it("carries the superuser's password as one escaped line of a passfile", () => {
    const script = stepScript("role", settings, values);
    expect(assigned(script, "PGPASS_LINE")).toBe("*:*:*:*:p\\:a\\\\s's \"$(id)`");
  });

  it("connects by TCP to the host from a container", () => {
    const script = stepScript("slotWalLimit", settings, values);
    expect(assigned(script, "CONNINFO")).toContain(
      "host='10.0.0.7' port='5433' user='o\\'brien \\\\ sön' dbname='post gres'",
    );
    expect(assigned(script, "SUDO_AS")).toBe("");
  });

  it("tries the loopback address first on the primary's own machine", () => {
    const script = stepScript("slotWalLimit", { ...settings, transport: { kind: "ssh" } }, values);
    expect(assigned(script, "CONNINFO")).toContain("host='127.0.0.1,10.0.0.7'");
  });

  it.each([
    [true, "postgres"],
    ["_postgres", "_postgres"],
  ])("with sudo: %s names no host, so that psql takes its socket", (sudo, user) => {
    const transport = { kind: "ssh", sudo, psql: "/opt/pg 13/psql" } as const;
    const script = stepScript("slotWalLimit", { ...settings, transport }, values);
    expect(assigned(script, "CONNINFO")).not.toContain("host=");
    expect(assigned(script, "SUDO_AS")).toBe(user);
    expect(assigned(script, "PSQL")).toBe("/opt/pg 13/psql");
  });

  it("probes as the new role with its own password, whatever the transport", () => {
    const script = stepScript("probe", { ...settings, transport: { kind: "ssh" } }, values);
    const head = script.slice(0, script.indexOf("# shellcheck"));
    expect(head).toContain("repli\\:cation");
    expect(head).not.toContain("(id)");
    expect(head).toContain("host='\\''10.0.0.7'\\''");
    expect(head).toContain("replication='\\''true'\\''");
  });

  const reader = (step: StepName, more: StepValues, kind: string) =>
    (argsOf(step, more)["readers"] as Record<string, Record<string, unknown>>)[kind];

  it("names the role that dumps where it is created, observed, let in or swept away", () => {
    const args = (step: StepName, dumps: boolean) => argsOf(step, { dumps });
    const named = (dumps: boolean) =>
      steps
        .filter((step) => step !== "probe")
        .filter((step) => reader(step, { dumps }, "dumps")?.["role"] === "laterbase_dev_dumps");
    expect(named(false)).toEqual(["role", "dumps", "observe"]);
    expect(named(true)).toEqual(steps.filter((step) => step !== "probe"));
    expect(reader("dumps", {}, "dumps")).toEqual({
      role: "laterbase_dev_dumps",
      memberships: ["pg_read_all_data"],
      bypassesPolicies: true,
      connections: -1,
      settings: dumpRoleSettings(13),
      executes: [],
    });
    expect(args("role", true)["made"]).toEqual({
      name: "laterbase_dev",
      replicates: true,
      bypassesPolicies: false,
      connections: -1,
    });
    expect(args("dumps", true)["made"]).toEqual({
      name: "laterbase_dev_dumps",
      replicates: false,
      bypassesPolicies: true,
      connections: -1,
    });
  });

  it("names the role of pgAdmin likewise, with what it is given", () => {
    const pgAdmin = {
      role: "laterbase_dev_pgadmin",
      memberships: ["pg_monitor", "pg_read_all_data"],
      bypassesPolicies: false,
      connections: 25,
      settings: {
        default_transaction_read_only: "on",
        search_path: "pg_catalog",
        row_security: "off",
      },
      executes: [],
    };
    const named = (wanted: boolean) =>
      steps.filter((step) => step !== "probe" && reader(step, { pgAdmin: wanted }, "pgAdmin"));
    expect(named(false)).toEqual(["role", "pgAdmin", "observe"]);
    expect(named(true)).toEqual(steps.filter((step) => step !== "probe"));
    expect(reader("observe", {}, "pgAdmin")).toEqual(pgAdmin);
    expect(argsOf("pgAdmin", {})["made"]).toEqual({
      name: "laterbase_dev_pgadmin",
      replicates: false,
      bypassesPolicies: false,
      connections: 25,
    });
    expect(argsOf("hba", { dumps: true, pgAdmin: true })["rules"]).toEqual(
      hbaRules("laterbase_dev", values.allowFrom, ["laterbase_dev_dumps", "laterbase_dev_pgadmin"]),
    );
  });

  it("names the role that backs up likewise, without a password, and lets it in over the socket", () => {
    const named = (wanted: boolean) =>
      steps.filter((step) => step !== "probe" && reader(step, { backups: wanted }, "backups"));
    expect(named(false)).toEqual(["role", "backups", "observe"]);
    expect(named(true)).toEqual(steps.filter((step) => step !== "probe"));
    expect(reader("backups", {}, "backups")).toEqual({
      role: "laterbase_dev_backups",
      memberships: ["pg_read_all_settings", "pg_checkpoint"],
      bypassesPolicies: false,
      connections: 10,
      settings: {
        search_path: "pg_catalog",
        statement_timeout: "0",
        lock_timeout: "0",
        idle_in_transaction_session_timeout: "0",
      },
      executes: [
        "pg_catalog.pg_start_backup(text,boolean,boolean)",
        "pg_catalog.pg_stop_backup(boolean,boolean)",
        "pg_catalog.pg_create_restore_point(text)",
        "pg_catalog.pg_switch_wal()",
      ],
      databases: ["postgres"],
    });
    const args = argsOf("backups", {});
    expect(args["made"]).toMatchObject({ name: "laterbase_dev_backups", replicates: false });
    expect(args).not.toHaveProperty("verifier");
    const line = "local    postgres    laterbase_dev_backups    peer map=laterbase_dev_backups";
    expect(argsOf("hba", { backups: true })).toMatchObject({
      block: hbaBlock(settings.stack, hbaRules("laterbase_dev", values.allowFrom), settings.role)
        .split("\n")
        .toSpliced(3, 0, line)
        .join("\n"),
      identBlock: `# BEGIN laterbase ${settings.stack}\nlaterbase_dev_backups    postgres    laterbase_dev_backups\n# END laterbase ${settings.stack}\n`,
      recorded: { hbaBackups: true },
      rules: hbaRules("laterbase_dev", values.allowFrom),
    });
    expect(argsOf("hba", {})).not.toHaveProperty("identBlock");
  });

  it("calls what starts a backup by the names of the major", () => {
    expect(readersBeside("r", 15).backups.executes.slice(0, 2)).toEqual([
      "pg_catalog.pg_backup_start(text,boolean)",
      "pg_catalog.pg_backup_stop(boolean)",
    ]);
    expect(readersBeside("r", 14).backups.executes.slice(0, 2)).toEqual([
      "pg_catalog.pg_start_backup(text,boolean,boolean)",
      "pg_catalog.pg_stop_backup(boolean,boolean)",
    ]);
  });

  it("lets the role of restores in where the stack restores, and records it", () => {
    const restores = { dumps: true, restores: true };
    const readers = ["laterbase_dev_dumps", "laterbase_dev_restore"];
    const rules = hbaRules("laterbase_dev", values.allowFrom, readers);
    expect(argsOf("hba", restores)).toMatchObject({
      rules,
      block: hbaBlock(settings.stack, rules, settings.role),
      recorded: { hbaDumps: true, hbaRestore: true },
    });
    expect(argsOf("preflight", restores)["rules"]).toEqual(rules);
    expect(argsOf("hba", {})).toMatchObject({
      rules: hbaRules("laterbase_dev", values.allowFrom),
      recorded: {},
    });
    expect(argsOf("observe", {})["restoreRole"]).toBe("laterbase_dev_restore");
  });

  it("asks how every word sorts, and only ASCII words where an encoding has no others", () => {
    const script = stepScript("collation", settings, values);
    expect(JSON.parse(assigned(script, "WORDS"))).toEqual(probeWords);
    const [all, ascii] = assigned(script, "SQL_WORDS").split("\n");
    expect(all).toMatch(/^\\set all_words '\[.*日.*😀.*\]'$/);
    expect(ascii).toMatch(/^\\set ascii_words '\[[ -~]*\]'$/);
    expect(new Set(probeWords).size).toBe(probeWords.length);
    expect(asciiWords.length).toBeGreaterThan(50);
  });

  it.each(steps.filter((step) => !["role", "dumps", "pgAdmin", "probe"].includes(step)))(
    "of %s holds no secret of another step",
    (step) => {
      const script = stepScript(step, settings, values);
      expect(script).not.toMatch(/repli\\*:cation/);
      expect(script).not.toContain(values.verifier);
    },
  );
});

it("says where psql is missing, and at destroy what remains", () => {
  const transport = { kind: "ssh", psql: "/nowhere/psql" } as const;
  const script = stepScript("role", { ...settings, transport }, values);
  const run = (mode: string) => spawnSync("bash", ["-s", "--", mode], { input: script });
  const sentence =
    'There is no psql at "/nowhere/psql" on this machine: set laterbase:primary.access.psql to its path.';
  expect(run("apply").stderr.toString()).toBe(`${sentence}\n`);
  expect(run("remove").stderr.toString()).toBe(
    `${sentence}\n${remains(settings, values, "role").join("\n")}\n`,
  );
  expect(run("remove").status).toBe(1);
});

describe("what remains on a primary that does not answer", () => {
  it("is a sentence for each thing, with its undoing", () => {
    expect(remains(settings, values)).toEqual([
      "The replication slot \"laterbase_a_slot\" remains on the primary 10.0.0.7:5433 and keeps WAL: SELECT pg_drop_replication_slot('laterbase_a_slot');",
      'The block from "# BEGIN laterbase laterbase/dev#1a2b3c4d" to "# END laterbase laterbase/dev#1a2b3c4d" remains in pg_hba.conf on the primary 10.0.0.7:5433: remove it and SELECT pg_reload_conf();',
      'max_slot_wal_keep_size on the primary 10.0.0.7:5433 remains as Laterbase set it (the comment of role "laterbase_dev" says what it was before): ALTER SYSTEM RESET max_slot_wal_keep_size; SELECT pg_reload_conf();',
      'The role "laterbase_dev" remains on the primary 10.0.0.7:5433: DROP ROLE laterbase_dev;',
    ]);
    const roles = { dumps: true, pgAdmin: true, backups: true };
    expect(remains(settings, { ...values, ...roles }).slice(3, 6)).toEqual([
      'The role "laterbase_dev_dumps" remains on the primary 10.0.0.7:5433: DROP OWNED BY laterbase_dev_dumps; DROP ROLE laterbase_dev_dumps;',
      'The role "laterbase_dev_pgadmin" remains on the primary 10.0.0.7:5433: DROP OWNED BY laterbase_dev_pgadmin; DROP ROLE laterbase_dev_pgadmin;',
      'The role "laterbase_dev_backups" remains on the primary 10.0.0.7:5433: DROP OWNED BY laterbase_dev_backups; DROP ROLE laterbase_dev_backups;',
    ]);
  });

  it.each(["role", "dumps", "pgAdmin", "backups", "slotWalLimit", "slot", "hba"] as const)(
    "goes beside the script of %s to the program that runs it",
    (step) => {
      const input = JSON.parse(stepInput(step, settings, values)) as StepInput;
      expect(input).toEqual({
        script: stepScript(step, settings, values),
        remains: remains(settings, values, step),
      });
      expect(input.remains).toHaveLength(1);
    },
  );

  it("is nothing for a step that leaves nothing", () => {
    expect(remains(settings, values, "preflight")).toEqual([]);
  });
});

describe("pg_hba.conf", () => {
  it("gets one rule for a network, between markers", () => {
    const networks = ["10.0.0.0/8", "::1", "192.168.1.9", "samenet"];
    expect(hbaBlock("o#1", hbaRules("laterbase_dev", networks))).toBe(
      [
        "# BEGIN laterbase o#1",
        "host    replication    laterbase_dev    10.0.0.0/8    scram-sha-256",
        "host    replication    laterbase_dev    ::1/128    scram-sha-256",
        "host    replication    laterbase_dev    192.168.1.9/32    scram-sha-256",
        "host    replication    laterbase_dev    samenet    scram-sha-256",
        "# END laterbase o#1",
        "",
      ].join("\n"),
    );
  });

  it("gets a second rule for each where there is a role that dumps", () => {
    const rules = hbaRules("laterbase_dev", ["10.0.0.7", "samenet"], ["laterbase_dev_dumps"]);
    expect(hbaBlock("o#1", rules).split("\n").slice(1, -2)).toEqual([
      "host    replication    laterbase_dev    10.0.0.7/32    scram-sha-256",
      "host    replication    laterbase_dev    samenet    scram-sha-256",
      "host    all    laterbase_dev_dumps    10.0.0.7/32    scram-sha-256",
      "host    all    laterbase_dev_dumps    samenet    scram-sha-256",
    ]);
  });

  it("keeps the replication role from databases, where others let in everybody", () => {
    const block = hbaBlock("o#1", hbaRules("laterbase_dev", ["samenet"]), "laterbase_dev");
    expect(block.split("\n").slice(1, -2)).toEqual([
      "host    replication    laterbase_dev    samenet    scram-sha-256",
      "host    all    laterbase_dev    all    reject",
    ]);
    expect(argsOf("hba", {})["block"]).toContain("host    all    laterbase_dev    all    reject\n");
  });

  it("gets no network twice, and nothing that could end the line", () => {
    expect(hbaNetworks(["samenet", "samenet"])).toEqual(["samenet"]);
    expect(() => hbaNetworks(["0.0.0.0/0 trust\n"])).toThrow("is no network");
  });
});

it.each([
  ["dev", "laterbase_dev", "laterbase_dev"],
  ["My-Stack.1", "laterbase__y__tack_1", "laterbase__y__tack_1"],
  ["a".repeat(90), `laterbase_${"a".repeat(53)}`, `laterbase_${"a".repeat(45)}`],
])("names the roles of stack %s in 63 bytes", (stack, role, begun) => {
  expect(roleName(stack)).toBe(role);
  expect(dumpRoleName(stack)).toMatch(new RegExp(`^${begun}a?a?_dumps$`));
  expect(pgAdminRoleName(stack)).toBe(`${begun}_pgadmin`);
  expect(restoreRoleBeside(roleName(stack))).toBe(restoreRoleName(stack));
  expect(dumpRoleName(stack).length).toBeLessThanOrEqual(63);
});
