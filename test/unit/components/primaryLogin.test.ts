import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Primary } from "../../../components/primary/primary";
import { managedPrimarySchema } from "../../../components/primary/schema";
import { SuperuserLogin } from "../../../components/primary/superuserLogin";
import { type Made, named, promiseOf, render } from "../../support/mocks";
import { testStack } from "../../support/testStack";

const config = { kind: "managed", version: 17, port: 5432, databases: ["app"] };

/** A managed primary and its login, with or without a pooler. What the script does there is not proved. */
async function login(more: object, pooled: boolean, drift?: string): Promise<[Made[], Primary]> {
  let primary: Primary | undefined;
  const made = await render(() => {
    const parent = new pulumi.ComponentResource("laterbase:index:Laterbase", "laterbase");
    const stack = testStack({ parent });
    const parsed = managedPrimarySchema.parse({ ...config, ...more });
    const maxConnections = parsed.maxConnections ?? 100;
    primary = new Primary(
      "primary",
      { stack, config: parsed, maxConnections, standbys: 0, mounts: [], initScripts: [] },
      { parent },
    );
    const container = new docker.Container("pooler-container", { image: "pgbouncer" });
    const userlist = pulumi.secret(pulumi.interpolate`"postgres" "${primary.password}"\n`);
    const pooler = { containerName: "laterbase-dev-pooler", container, userlist };
    const args = { stack, primary, pooler: pooled ? pooler : undefined, drift };
    new SuperuserLogin("primary", args, { parent });
  });
  return [made, primary!];
}

const asked = (made: Made[]) =>
  JSON.parse(named(made, "primary-login").inputs["stdin"] as string) as object;

it("hands the generated password to the running server, on a secret standard input", async () => {
  const [made, primary] = await login({}, false);
  const { inputs, secrets, opts, parent } = named(made, "primary-login");
  const run = "node --require tsx/cjs scripts/steps/primaryLogin.ts laterbase-dev-primary";
  expect(inputs).toMatchObject({
    create: run,
    update: run,
    environment: { LATERBASE_ENGINE: "" },
    triggers: ["primary-container-id"],
    addPreviousOutputInEnv: false,
  });
  expect(inputs["delete"]).toBeUndefined();
  expect([secrets, parent, opts.deleteBeforeReplace]).toEqual([["stdin"], "primary", true]);
  expect(opts.dependsOn).toEqual([primary.ready]);
  expect(asked(made)).toEqual({ password: "password-of-primary-superuser" });
});

it("hands the pooler's userlist along with a configured password, once its container is there", async () => {
  const [made, primary] = await login({ superuser: { password: 'Tr0"ub' } }, true);
  const { inputs, opts } = named(made, "primary-login");
  expect(inputs["create"]).toBe(
    "node --require tsx/cjs scripts/steps/primaryLogin.ts laterbase-dev-primary",
  );
  expect(asked(made)).toEqual({
    password: 'Tr0"ub',
    pooler: {
      container: "laterbase-dev-pooler",
      id: "pooler-container-id",
      userlist: '"postgres" "Tr0"ub"\n',
    },
  });
  expect(opts.dependsOn).toHaveLength(2);
  expect(await promiseOf(primary.password)).toBe('Tr0"ub');
  expect(await pulumi.isSecret(primary.password)).toBe(true);
});

it("shows in preview that somebody set another password, and sets its own again", async () => {
  const [made] = await login({}, false, "the superuser has another password (seen now)");
  const { inputs, opts } = named(made, "primary-login");
  expect(inputs["update"]).toBe(inputs["create"]);
  expect(inputs["environment"].LATERBASE_DRIFT).toBe(
    "the superuser has another password (seen now)",
  );
  expect(opts.ignoreChanges).toEqual([]);
  const [calm] = await login({}, false);
  expect(named(calm, "primary-login").opts.ignoreChanges).toEqual([
    "update",
    "environment.LATERBASE_DRIFT",
  ]);
});

it("restarts nothing for a configured password: the container's file stays the generated one", async () => {
  const container = async (more: object) =>
    named((await login(more, false))[0], "primary-container").inputs;
  const generated = await container({});
  expect(await container({ superuser: { password: "Tr0ub4dor" } })).toEqual(generated);
  expect(generated["uploads"][0]).toMatchObject({
    file: "/etc/laterbase/superuser-password",
    content: "password-of-primary-superuser",
  });
});

it("keeps the generated password also while another is configured", async () => {
  const [made] = await login({ superuser: { password: "Tr0ub4dor" } }, false);
  expect(named(made, "primary-superuser").opts.protect).toBe(true);
});

it.each(["", "two\nlines", "x".repeat(501), 5])("refuses the password %j", (password) => {
  const parsed = managedPrimarySchema.safeParse({ ...config, superuser: { password } });
  expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
    expect.stringContaining("with `pulumi config set --secret --path`"),
  ]);
});

it("has the configured number of connections", async () => {
  const conf = async (more: object) =>
    named((await login(more, false))[0], "primary-container").inputs["uploads"][1].content;
  expect(await conf({})).toContain("max_connections = 100\n");
  expect(await conf({ maxConnections: 250 })).toContain("max_connections = 250\n");
});
