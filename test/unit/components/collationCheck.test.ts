import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Laterbase, parseConfig } from "../../../components";
import { dueCheck } from "../../../scripts/primary/observe/collationDrift";
import { type Made, named, render } from "../../support/mocks";

/** The stack of an external primary. What this does not prove: what the check finds. */
async function external(access: object, drift = {}): Promise<Made[]> {
  const { config } = parse(readFileSync("Pulumi.prod.yaml", "utf8")) as { config: object };
  const raw: Record<string, any> = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("laterbase:", ""), value]),
  );
  delete raw["dumps"];
  Object.assign(raw["primary"], { access });
  raw["primary"].superuser.password = "Tr0ub4dor";
  return render(
    () => {
      new Laterbase("laterbase", {
        project: "laterbase",
        stack: "prod",
        config: parseConfig(raw, "Pulumi.prod.yaml"),
        images: {
          postgres: { tag: "laterbase/postgres:13-abc", context: "images/postgres", buildArgs: {} },
        },
        folder: "/project",
        initScripts: [],
        drift,
      });
    },
    { stack: "prod" },
  );
}

const input = (made: Made[]) =>
  JSON.parse(named(made, "standby-order").inputs["stdin"] as string) as Record<string, any>;

it("is checked after the standby is ready, from where the primary's steps run", async () => {
  const made = await external({ kind: "sql" });
  const { inputs, opts, secrets, parent } = named(made, "standby-order");
  expect(parent).toBe("standby");
  expect(inputs["create"]).toBe(
    "node --require tsx/cjs scripts/steps/collationCheck.ts laterbase-prod-standby",
  );
  expect(inputs["delete"]).toBeUndefined();
  expect(secrets).toEqual(["stdin"]);
  expect([opts.dependsOn].flat()).toContainEqual(
    expect.objectContaining({ __name: "standby-ready" }),
  );
  expect(input(made)).toMatchObject({
    place: { host: "", image: "laterbase/postgres:13-abc", network: "laterbase-prod" },
  });
  expect(input(made)["ssh"]).toBeUndefined();
  expect(input(made)["script"]).toContain("CREATE EXTENSION amcheck");
});

it("goes over SSH where the primary's steps do", async () => {
  const hostKey = "ssh-ed25519 AAAA";
  const made = await external({ kind: "ssh", user: "admin", privateKey: "PRIVATE", hostKey });
  expect(input(made)["ssh"]).toEqual({
    host: "192.168.1.20",
    port: 22,
    user: "admin",
    hostKey,
    privateKey: "PRIVATE",
  });
});

it("tells the standby how its primary sorts, and runs again for an unchecked clone", async () => {
  const why = "the text indexes of standby were not checked since it was cloned";
  const made = await external({ kind: "sql" }, { "collation-standby": why });
  const uploads = named(made, "standby-container").inputs["uploads"] as { file: string }[];
  expect(uploads.map(({ file }) => file)).toContain("/etc/laterbase/collation.json");
  const { inputs, opts } = named(made, "standby-order");
  expect(inputs["environment"].LATERBASE_DRIFT).toBe(why);
  expect(inputs["update"]).toBe(inputs["create"]);
  expect(opts.ignoreChanges).toEqual([]);
});

const cloned = "the text indexes of standby were not checked since it was cloned";
const looks: [object, string | undefined][] = [
  [{ due: "", unchecked: 0, open: 0 }, undefined],
  [{ due: "", unchecked: 0, open: 2 }, undefined],
  [{ due: "cloned", unchecked: 7, open: 0 }, cloned],
  [
    { due: "unchecked", unchecked: 2, open: 1 },
    "text indexes of standby that were not checked yet: 2",
  ],
  [
    { due: "retry", unchecked: 0, open: 3 },
    "text indexes or databases of standby that could not be checked a day ago: 3",
  ],
  [
    { due: "changed", unchecked: 0, open: 0 },
    "text indexes of standby were added or dropped since they were checked",
  ],
  // The health line of a container of an earlier release, and of one whose server does not answer.
  [{ state: "running", order: "unverified" }, cloned],
  [{ state: "running", order: "unverified", checked: "2026-01-01T00:00:00Z" }, undefined],
  [{ state: "running", order: "differs" }, undefined],
  [{ state: "recloning", order: "unverified" }, undefined],
  [{ state: "running" }, undefined],
];

it.each(looks)("%j is due: %p", (look, sentence) => {
  expect(dueCheck("standby", JSON.stringify(look))).toBe(sentence);
});

it("does not take other words for a look", () => {
  expect(dueCheck("standby", "")).toBeUndefined();
  expect(dueCheck("standby", "laterbase-health: not found")).toBeUndefined();
});
