import * as pulumi from "@pulumi/pulumi";
import { PreparedPrimary } from "../../../components/preparedPrimary/preparedPrimary";
import type { PreparedPrimaryArgs } from "../../../components/preparedPrimary/preparedPrimaryArgs";
import { primaryNeeds } from "../../../components/preparedPrimary/needs";
import { type Made, named, promiseOf, render } from "../../support/mocks";
import { testStack } from "../../support/testStack";

/** A primary prepared for one standby. What this does not prove: what the steps do there. */
async function prepared(more: Partial<PreparedPrimaryArgs>): Promise<[Made[], PreparedPrimary]> {
  let primary: PreparedPrimary | undefined;
  const made = await render(() => {
    const stack = new pulumi.ComponentResource("laterbase:index:Laterbase", "laterbase");
    const context = testStack({ parent: stack });
    const { engine } = context;
    primary = new PreparedPrimary(
      "preparation",
      {
        stack: context,
        version: 17,
        superuser: { name: "postgres", password: "of the superuser" },
        access: { kind: "sql" },
        allowFrom: ["10.0.0.0/8"],
        slotRetention: "10GB",
        tablespaces: {},
        near: { engine, address: { host: "near", port: 5432 } },
        standbys: [{ name: "standby", engine, address: { host: "db", port: 5432 } }],
        drift: {},
        dataIsKept: true,
        after: [new pulumi.ComponentResource("laterbase:index:SuperuserLogin", "login")],
        ...more,
      },
      { parent: stack },
    );
  });
  return [made.filter(({ parent }) => parent === "preparation"), primary!];
}

const listing = (made: Made[]) =>
  made.map(({ type, name, opts }) =>
    [type.split(":").at(-1), name.replace("preparation-", ""), opts.protect && "protected"]
      .filter(Boolean)
      .join(" "),
  );
const awaited = ({ opts }: Made) =>
  [opts.dependsOn]
    .flat()
    .map((one) => (one as { __name?: string }).__name?.replace("preparation-", ""));

it("makes no role that dumps by default", async () => {
  const [made, primary] = await prepared({});
  expect(made.filter(({ name }) => name.includes("dumps"))).toEqual([]);
  expect(primary.dumpRole).toBeUndefined();
  expect(named(made, "preparation-hba").inputs["stdin"]).not.toContain("laterbase_dev_dumps");
});

it("makes the role that dumps after the stack's own, and before it is let in", async () => {
  const [made, primary] = await prepared({ dumps: true });
  expect(listing(made)).toEqual([
    "RandomId owner protected",
    "RandomId salt",
    "RandomPassword password",
    "Command preflight",
    "Command role",
    "RandomId dumps-salt",
    "RandomPassword dumps-password",
    "Command dumps",
    "Command cap",
    "Command hba",
    "Command slot-standby",
    "Command probe-standby",
  ]);
  expect(awaited(named(made, "preparation-dumps"))).toContain("role");
  expect(awaited(named(made, "preparation-hba"))).toEqual(
    expect.arrayContaining(["role", "dumps"]),
  );
  expect(named(made, "preparation-hba").inputs["stdin"]).toContain(
    "host    all    laterbase_dev_dumps    10.0.0.0/8    scram-sha-256",
  );
  expect(primary.dumpRole?.name).toBe("laterbase_dev_dumps");
  expect(await pulumi.isSecret(primary.dumpRole!.password)).toBe(true);
  expect(await promiseOf(primary.dumpRole!.password)).toBe(
    "password-of-preparation-dumps-password",
  );
});

it("makes the role that pgAdmin connects by in the same way, and lets it in", async () => {
  const [none, without] = await prepared({});
  expect(none.filter(({ name }) => /pgadmin/i.test(name))).toEqual([]);
  expect(without.pgAdminRole).toBeUndefined();
  const [made, primary] = await prepared({ pgAdmin: true });
  expect(listing(made).filter((one) => one.includes("pgAdmin"))).toEqual([
    "RandomId pgAdmin-salt",
    "RandomPassword pgAdmin-password",
    "Command pgAdmin",
  ]);
  expect(awaited(named(made, "preparation-pgAdmin"))).toContain("role");
  expect(awaited(named(made, "preparation-hba"))).toEqual(
    expect.arrayContaining(["role", "pgAdmin"]),
  );
  expect(named(made, "preparation-pgAdmin").inputs["delete"]).toMatch(/ remove$/);
  expect(named(made, "preparation-hba").inputs["stdin"]).toContain(
    "host    all    laterbase_dev_pgadmin    10.0.0.0/8    scram-sha-256",
  );
  expect(primary.pgAdminRole?.name).toBe("laterbase_dev_pgadmin");
  expect(await pulumi.isSecret(primary.pgAdminRole!.password)).toBe(true);
});

it("has each step wait for the primary itself, so that it is undone before a managed one stops", async () => {
  const [made] = await prepared({});
  const steps = made.filter(({ type }) => type === "command:local:Command");
  expect(steps.map(({ name }) => name)).toContain("preparation-slot-standby");
  for (const one of steps) expect(awaited(one)).toContain("login");
});

it("lets the role of restores in where dumps are restored, also without a role that dumps", async () => {
  const line = "host    all    laterbase_dev_restore    10.0.0.0/8    scram-sha-256";
  const stdin = async (more: Partial<PreparedPrimaryArgs>) =>
    named((await prepared(more))[0], "preparation-hba").inputs["stdin"];
  expect(await stdin({ dumps: true })).not.toContain("laterbase_dev_restore");
  expect(await stdin({ restores: true })).toContain(line);
  const primary = { version: 13, kind: "external", allowFrom: [], slotRetention: "1GB" };
  const needs = primaryNeeds({ primary: primary as never, dumps: {} });
  expect(needs).toMatchObject({ dumps: false, restores: true });
});

it("sends the role's verifier, never its password, and undoes the step on destroy", async () => {
  const [made] = await prepared({ dumps: true });
  const { inputs, secrets } = named(made, "preparation-dumps");
  expect(inputs["create"]).toMatch(/ apply$/);
  expect(inputs["delete"]).toMatch(/ remove$/);
  expect(secrets).toEqual(["stdin"]);
  expect(inputs["stdin"]).toContain("SCRAM-SHA-256$4096:");
  for (const step of made) {
    expect(JSON.stringify(step.inputs)).not.toContain("password-of-preparation-dumps-password");
  }
});

it("asks a primary once how it sorts text, whatever its password becomes", async () => {
  expect((await prepared({}))[1].collation).toBeUndefined();
  const [made, primary] = await prepared({ probesCollation: true });
  const { inputs, opts } = named(made, "preparation-order");
  expect(awaited(named(made, "preparation-order"))).toContain("preflight");
  expect(inputs["delete"]).toBeUndefined();
  expect(opts.ignoreChanges).toEqual(["create", "update", "stdin", "environment"]);
  expect(primary.collation).toMatchObject({ host: "db", access: { kind: "sql" } });
  expect(await promiseOf(primary.collation!.probe)).toBe("stdout-of-preparation-order");
});

it("gives what somebody changed on the primary to preview as data, never as a part of a command", async () => {
  const drift = { dumps: "role laterbase_dev_dumps is gone" };
  const [made] = await prepared({ dumps: true, drift });
  const { inputs } = named(made, "preparation-dumps");
  expect(inputs["update"]).toMatch(/ repair$/);
  expect(inputs["environment"]).toMatchObject({ LATERBASE_DRIFT: drift.dumps });
});

it.each([
  // What is there without our record is somebody's, as on a new stack.
  ["empty", "the primary has no data", / apply$/],
  // It is ours, of another time.
  ["gone", "the primary's container is gone", / repair$/],
])("runs every step again on a primary whose data are %s", async (key, why, mode) => {
  const all = { dumps: true, pgAdmin: true, backups: true, health: true };
  const [made] = await prepared({ ...all, drift: { [key]: why } });
  const steps = made.filter(({ type }) => type === "command:local:Command");
  expect(steps.map(({ name }) => name.replace("preparation-", ""))).toEqual([
    ...["preflight", "role", "dumps", "pgAdmin", "backups", "health", "cap", "hba"],
    ...["slot-standby", "probe-standby"],
  ]);
  for (const { name, inputs, opts } of steps) {
    expect([name, inputs["environment"]]).toEqual([
      name,
      expect.objectContaining({ LATERBASE_DRIFT: why }),
    ]);
    expect([name, inputs["update"]]).toEqual([name, expect.stringMatching(mode)]);
    expect([name, opts.ignoreChanges]).toEqual([name, []]);
  }
});

it("lets the preflight compare the primary with what the configuration asks of it", async () => {
  const [made] = await prepared({ pooled: 25, tablespaces: { fast: "/srv/fast" } });
  const stdin = named(made, "preparation-preflight").inputs["stdin"] as string;
  const { script } = JSON.parse(stdin) as { script: string };
  expect(script).toContain('"slots":["laterbase_standby_slot"]');
  expect(script).toContain('"pooled":25,"size":"10GB","tablespaces":{"fast":"/srv/fast"}');
  expect(script).toContain('"managed":true');
  expect(script).toContain('"networks":["10.0.0.0/8"]');
  expect(script).toContain('"report":false');
});

// Two resources would be made and deleted, and the inverses of the deleted ones undo what the others made.
it("is the same resource, with the same inverse, whatever carries the step", async () => {
  const key = pulumi.secret("PRIVATE");
  const ssh = { kind: "ssh", user: "admin", port: 2022, sudo: false, hostKey: "ssh-ed25519 AAAA" };
  const access = { ...ssh, privateKey: key } as PreparedPrimaryArgs["access"];
  const all = { dumps: true, pgAdmin: true, probesCollation: true };
  const [sql] = await prepared(all);
  const [overSsh] = await prepared({ ...all, access });
  const parents = (aliases: Made["opts"]["aliases"]) =>
    Promise.all(
      ((aliases ?? []) as pulumi.Alias[]).map(({ parent }) =>
        promiseOf(parent as pulumi.Output<string>),
      ),
    );
  const resources = (made: Made[]) =>
    Promise.all(
      made.map(async ({ type, name, opts, inputs }) => [
        type,
        name,
        await parents(opts.aliases),
        inputs["delete"],
      ]),
    );
  expect(await resources(overSsh)).toEqual(await resources(sql));
  for (const { name, inputs } of overSsh.filter(({ type }) => type.includes("Command"))) {
    const input = JSON.parse(inputs["stdin"] as string) as { script: string; ssh?: object };
    // The probe connects from the standby's engine, whatever the way.
    const probe = name.startsWith("preparation-probe");
    expect([name, input.ssh]).toEqual([
      name,
      probe
        ? undefined
        : { host: "db", port: 2022, user: "admin", hostKey: ssh.hostKey, privateKey: "PRIVATE" },
    ]);
    expect([name, Object.keys((inputs["environment"] as object | undefined) ?? {}).length]).toEqual(
      [name, probe ? 3 : 0],
    );
  }
  expect(named(overSsh, "preparation-role").secrets).toEqual(["stdin"]);
});
