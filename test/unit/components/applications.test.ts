import * as pulumi from "@pulumi/pulumi";
import type * as docker from "@pulumi/docker";
import { Applications } from "../../../components/applications/applications";
import { databasesOf, type Owner, ownersOf } from "../../../components/primary/owners";
import { isVerifierOf } from "../../../contract/scramVerifier";
import { parseConfig } from "../../../components/config";
import { managed } from "../../support/badConfigs";
import { type Made, named, promiseOf, render } from "../../support/mocks";
import { testStack } from "../../support/testStack";

const configOf = (applications: object | undefined, databases = ["app", "jobs"]) =>
  parseConfig(
    { primary: { ...managed, databases }, ...(applications ? { applications } : {}) },
    "f",
  );

describe("who owns which database", () => {
  const pairs = (config: ReturnType<typeof configOf>) =>
    ownersOf(config).map(({ role, database, key }) => [role, database, key]);

  it("is a role of the database's own name, and none of postgres", () => {
    expect(pairs(configOf(undefined, ["app", "postgres"]))).toEqual([
      ["app", "app", "laterbase:primary.databases"],
    ]);
  });

  it("is the application, also of a database that only it names", () => {
    const config = configOf({ jarvis: { database: "app" }, bot: { database: "tickets" } });
    expect(pairs(config)).toEqual([
      ["jarvis", "app", "laterbase:applications.jarvis"],
      ["bot", "tickets", "laterbase:applications.bot"],
      ["jobs", "jobs", "laterbase:primary.databases"],
    ]);
    expect(databasesOf(config)).toEqual(["app", "jobs", "tickets"]);
  });
});

/** The roles of some owners. What this does not prove: what the steps do on the server. */
async function made(owners: Owner[], drift = {}): Promise<[Made[], Applications]> {
  let applications: Applications | undefined;
  const all = await render(() => {
    const parent = new pulumi.ComponentResource("laterbase:index:Laterbase", "laterbase");
    const stack = testStack({ parent });
    applications = new Applications(
      "applications",
      {
        ...{ stack, owners, drift, version: 17 },
        superuser: { name: "postgres", password: "of the superuser" },
        near: { engine: stack.engine, address: { host: "laterbase-dev-primary", port: 5432 } },
        container: { id: pulumi.output("container-id") } as docker.Container,
        number: pulumi.output("1a2b3c4d"),
        after: [new pulumi.ComponentResource("laterbase:index:Other", "role")],
      },
      { parent },
    );
  });
  return [all.filter(({ parent }) => parent === "applications"), applications!];
}

const jarvis = { role: "jarvis", database: "homelab", key: "laterbase:applications.jarvis" };
const bot = { role: "bot", database: "tickets", key: "laterbase:applications.bot" };
const scriptOf = (all: Made[], name: string): string =>
  (JSON.parse(named(all, name).inputs["stdin"] as string) as { script: string }).script;

it("makes a password and a step for each owner, and protects what destroy must keep", async () => {
  const [all, applications] = await made([jarvis, bot]);
  expect(all.map(({ type, name }) => [type, name])).toEqual([
    ["random:index/randomPassword:RandomPassword", "applications-jarvis-password"],
    ["random:index/randomPassword:RandomPassword", "applications-bot-password"],
    ["random:index/randomId:RandomId", "applications-salt"],
    ["command:local:Command", "applications-jarvis"],
    ["command:local:Command", "applications-bot"],
  ]);
  const names = (one: Made) =>
    [one.opts.dependsOn].flat().map((other) => (other as { __name?: string }).__name);
  // Destroy keeps what it is protected from, and what that depends on.
  const salt = named(all, "applications-salt");
  expect(salt.opts.protect).toBe(true);
  expect(names(salt)).toEqual(["applications-jarvis-password", "applications-bot-password"]);
  expect(named(all, "applications-jarvis-password").opts.protect).toBeUndefined();
  expect(names(named(all, "applications-jarvis"))).toContain("role");
  expect([...applications.logins.keys()]).toEqual(["homelab", "tickets"]);
});

it("sends a verifier of the password, and never the password", async () => {
  const [all, applications] = await made([jarvis, bot]);
  for (const { name, password } of applications.logins.values()) {
    const script = scriptOf(all, `applications-${name}`);
    const [verifier = ""] = /SCRAM-SHA-256\$4096:[^"\\]+/.exec(script) ?? [];
    const text = await promiseOf(password);
    expect(isVerifierOf(verifier, text)).toBe(true);
    expect(script).not.toContain(text);
    expect(named(all, `applications-${name}`).secrets).toEqual(["stdin"]);
  }
});

it("undoes a step, and names no database outside of its standard input", async () => {
  const [all] = await made([jarvis]);
  const { inputs } = named(all, "applications-jarvis");
  const step = "node --require tsx/cjs scripts/steps/primaryStep.ts";
  expect([inputs["create"], inputs["update"], inputs["delete"]]).toEqual([
    `${step} apply`,
    `${step} apply`,
    `${step} remove`,
  ]);
  expect(Object.keys(inputs["environment"])).toEqual([
    "LATERBASE_ENGINE",
    "LATERBASE_IMAGE",
    "LATERBASE_NETWORK",
  ]);
});

it("repairs only the role that was changed", async () => {
  const drift = { "application-bot": "role bot has another password" };
  const [all] = await made([jarvis, bot], drift);
  const update = (name: string) => named(all, name).inputs["update"] as string;
  expect(update("applications-bot")).toMatch(/ repair$/);
  expect(update("applications-jarvis")).toMatch(/ apply$/);
});

it("takes a configured password, and generates none", async () => {
  const password = pulumi.secret("of jarvis");
  const [all, applications] = await made([{ ...jarvis, password }]);
  expect(all.map(({ name }) => name)).toEqual(["applications-salt", "applications-jarvis"]);
  expect(await promiseOf(applications.logins.get("homelab")!.password)).toBe("of jarvis");
});

it("stays with nobody to own anything, because its salt is protected", async () => {
  const [all] = await made([]);
  expect(all.map(({ name }) => name)).toEqual(["applications-salt"]);
});
