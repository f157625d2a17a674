import { recordedOwner } from "../../../../scripts/primary/observe/recordedOwner";
import { adopt, losses } from "../../../../scripts/wrapper/adopt";
import { removeThings } from "../../../../scripts/wrapper/adopt/remove";
import { rescue } from "../../../../scripts/wrapper/adopt/rescue";

jest.mock("../../../../scripts/primary/observe/recordedOwner");
jest.mock("../../../../scripts/wrapper/adopt/remove");
jest.mock("../../../../scripts/wrapper/adopt/rescue");

const urn = (name: string) => `urn:pulumi:dev::laterbase::t::${name}`;
const key = "agent-manifest-key";
const random = (name: string, type: string) => ({
  urn: urn(name),
  type: `random:index/${type}:R${type.slice(1)}`,
  outputs: { hex: "drawn", result: "drawn" },
});
const exported = {
  deployment: {
    resources: [random(key, "randomPassword"), random("preparation-owner", "randomId")],
  },
};
const steps = [
  { op: "create", type: "command:local:Command", name: "looks", urn: urn("looks") },
  {
    op: "create",
    type: "random:index/randomId:RandomId",
    name: "preparation-owner",
    urn: urn("preparation-owner"),
  },
  { op: "create", type: "command:local:Command", name: "primary-ready", urn: urn("primary-ready") },
  {
    op: "create",
    type: "command:local:Command",
    name: "preparation-role",
    urn: urn("preparation-role"),
  },
];
const managed = {
  primary: { kind: "managed", version: 17 } as const,
  standbys: [{ name: "standby" }],
};
const external = {
  primary: {
    ...({ kind: "external", host: "192.168.1.20", port: 5432, version: 13 } as const),
    superuser: { name: "postgres", password: "p" },
    access: { kind: "sql" } as const,
  },
  standbys: [{ name: "standby" }],
};

/** Adopts, and notes what happens in which order. */
async function adopted(
  config: typeof managed | typeof external,
  number?: string,
  { order = [], fails }: { order?: string[]; fails?: string } = {},
) {
  const inputs: (string | undefined)[] = [];
  jest.mocked(rescue).mockImplementation(() => {
    order.push("rescue");
    return Promise.resolve({ [key]: "of before" });
  });
  jest.mocked(removeThings).mockImplementation(() => {
    order.push("remove");
    return Promise.resolve();
  });
  jest.mocked(recordedOwner).mockImplementation((place) => {
    order.push(`owner from ${place.kind === "container" ? place.container : place.host}`);
    return Promise.resolve(number);
  });
  const result = await adopt({
    ...{ project: "laterbase", stack: "dev", config, found: [], steps },
    say: () => undefined,
    up: (urns) => {
      const names = urns.map((one) => one.slice(one.lastIndexOf("::") + 2));
      order.push(`up ${names.join(" ")}`);
      return names[0] === fails ? Promise.reject(new Error("stopped")) : Promise.resolve();
    },
    pulumi: (args, input) => {
      order.push(args.slice(0, 2).join(" "));
      inputs.push(input);
      expect(args.join(" ")).not.toContain("of before");
      return Promise.resolve(args[1] === "export" ? JSON.stringify(exported) : "");
    },
  });
  return { order, result, imported: inputs.filter((one) => one !== undefined) };
}

it("gives the state what only containers hold before they go, and asks the primary when it runs again", async () => {
  const { order, result, imported } = await adopted(managed, "1a2b3c4d");
  expect(order).toEqual([
    ...["up looks", "rescue", "up preparation-owner", "stack export", "stack import", "remove"],
    ...["up preparation-owner primary-ready", "owner from laterbase-dev-primary"],
    ...["stack export", "stack import"],
  ]);
  expect(result).toEqual({ kept: [key, "preparation-owner"], knowsOwner: true });
  const [secrets, number] = imported.map((text) => JSON.parse(text).deployment.resources);
  expect(secrets[0].outputs.result.plaintext).toBe('"of before"');
  expect(number[1]).toMatchObject({ id: "Gis8TQ", outputs: { hex: "1a2b3c4d" } });
});

it("asks an external primary before the container goes through which it is reached", async () => {
  const { order, result } = await adopted(external, undefined);
  expect(order).toEqual([
    ...["up looks", "rescue", "owner from laterbase-dev-standby", "up preparation-owner"],
    ...["stack export", "stack import", "remove", "up preparation-owner"],
  ]);
  expect(result).toEqual({ kept: [key], knowsOwner: false });
});

it.each(["looks", "preparation-owner"])("removes nothing when %s cannot be made", async (fails) => {
  const order: string[] = [];
  await expect(adopted(managed, undefined, { order, fails })).rejects.toThrow("stopped");
  expect(order).not.toContain("remove");
});

it("says what is lost, and nothing of what was found again", () => {
  const parts = { primary: { kind: "managed" }, dumps: {}, pgAdmin: {}, duplicati: {} };
  const words = (kept: string[]) =>
    losses(parts, kept).map((one) => one.split(" ").slice(0, 4).join(" "));
  expect(words([])).toEqual([
    "The primary's superuser has",
    "The key that signed",
    "pgAdmin's login has a",
    "Duplicati's own settings are",
    "The generated passphrase of",
  ]);
  expect(words([key, "pgadmin-password", "duplicati-settings-key"])).toEqual([
    "The primary's superuser has",
    "The generated passphrase of",
  ]);
  const rotated = { ...parts, rotations: { pgadmin: 2 }, objectStore: {} };
  const ofRotated = losses(rotated, [key, "pgadmin-password", "duplicati-settings-key"]).join("\n");
  expect(ofRotated).toContain("pgAdmin's login has a new password");
  expect(ofRotated).toContain("The object store has new keys.");
  expect(losses(rotated, ["pgadmin-password-2"]).join()).not.toContain("pgAdmin's login");
  const own = { primary: { kind: "external" }, duplicati: { passphrase: "x" } };
  expect(losses(own, ["duplicati-settings-key"])).toEqual([
    "The stack's roles on the primary have new passwords, which the stack alone uses.",
  ]);
});
