import type { ExportedState, StateResource } from "../../../scripts/cli/stack/exportedState";
import { standbyContainers } from "../../../scripts/cli/stack/exportedState";
import { keptOf, partsOf, pathOf, released, volumesIn } from "../../../scripts/cli/stack/parts";

const root = "urn:pulumi:x::laterbase::laterbase:index:Laterbase::laterbase";
const component = (kind: string, name: string): StateResource => ({
  urn: `urn:pulumi:x::laterbase::laterbase:index:Laterbase$laterbase:index:${kind}::${name}`,
  type: `laterbase:index:${kind}`,
  parent: root,
});
const child = (
  parent: StateResource,
  type: string,
  name: string,
  more: Partial<StateResource> = {},
): StateResource => ({ urn: `${parent.urn}$${type}::${name}`, type, parent: parent.urn, ...more });
const kept = { protect: true, retainOnDelete: true };
const volume = (parent: StateResource, name: string, host = "near") =>
  child(parent, "docker:index/volume:Volume", name, {
    ...kept,
    provider: `urn:pulumi:x::laterbase::pulumi:providers:docker::${host}::1234`,
    outputs: { name: `laterbase-x-${name}` },
  });

const laterbase: StateResource = { urn: root, type: "laterbase:index:Laterbase" };
const far: StateResource = {
  urn: "urn:pulumi:x::laterbase::pulumi:providers:docker::far",
  type: "pulumi:providers:docker",
  inputs: { host: "ssh://nas" },
};
const primary = component("Primary", "primary");
const a = component("Standby", "a");
const b = component("Standby", "b");
const agent = component("BackupAgent", "agent");
const duplicati = component("Duplicati", "duplicati");
const secret = (parent: StateResource, name: string) =>
  child(parent, "random:index/randomPassword:RandomPassword", name, kept);
const state: ExportedState = {
  deployment: {
    resources: [
      ...[laterbase, far, primary, a, b, agent, duplicati],
      volume(primary, "primary-data"),
      volume(a, "a-data"),
      child(a, "docker:index/container:Container", "a-container", {
        outputs: { name: "laterbase-x-a" },
      }),
      volume(b, "b-data", "far"),
      child(b, "docker:index/volume:Volume", "b-socket"),
      volume(laterbase, "backups"),
      volume(agent, "agent-records"),
      secret(agent, "agent-manifest-key"),
      volume(duplicati, "duplicati-data"),
      secret(duplicati, "duplicati-settings-key"),
      child(duplicati, "random:index/randomPassword:RandomPassword", "duplicati-password"),
    ],
  },
};
const config = { standbys: [{ name: "a" }, { name: "b" }], dumps: {}, duplicati: {} };
const names = (resources: readonly StateResource[]) =>
  resources.map(({ urn }) => urn.split("::").at(-1));

describe("the parts of a stack", () => {
  it("are those of the file, and those that left it by hand", () => {
    expect(partsOf(config, state).map(({ name }) => name)).toEqual([
      "a",
      "b",
      "dumps",
      "duplicati",
    ]);
    expect(partsOf({ standbys: [{ name: "a" }] }, state)).toEqual([
      { name: "a", kind: "standby" },
      { name: "b", kind: "standby" },
      { name: "dumps", kind: "dumps" },
      { name: "duplicati", kind: "duplicati" },
    ]);
    expect(partsOf(config, { deployment: {} })).toHaveLength(4);
  });

  it("have their place in the file", () => {
    expect(pathOf({ name: "b", kind: "standby" }, config)).toEqual([
      "config",
      "laterbase:standbys",
      1,
    ]);
    // A list without its last entry would be an empty key.
    expect(pathOf({ name: "b", kind: "standby" }, { standbys: [{ name: "b" }] })).toEqual([
      "config",
      "laterbase:standbys",
    ]);
    expect(pathOf({ name: "dumps", kind: "dumps" }, config)).toEqual(["config", "laterbase:dumps"]);
    expect(pathOf({ name: "c", kind: "standby" }, config)).toBeUndefined();
    expect(pathOf({ name: "pooler", kind: "pooler" }, config)).toBeUndefined();
  });

  it("have their own protected resources, and no other's", () => {
    expect(names(keptOf({ name: "a", kind: "standby" }, state, config))).toEqual(["a-data"]);
    expect(names(keptOf({ name: "dumps", kind: "dumps" }, state, config))).toEqual([
      ...["backups", "agent-records", "agent-manifest-key"],
    ]);
    expect(names(keptOf({ name: "duplicati", kind: "duplicati" }, state, config))).toEqual([
      ...["duplicati-data", "duplicati-settings-key"],
    ]);
    const volumes = volumesIn(keptOf({ name: "b", kind: "standby" }, state, config), state);
    expect(volumes).toEqual([{ host: "ssh://nas", name: "laterbase-x-b-data" }]);
  });
});

describe("the agent, which dumps and backs up", () => {
  const own = ["agent-records", "agent-manifest-key"];
  const both = { ...config, backups: {} };
  const dumps = { name: "dumps", kind: "dumps" } as const;
  const backups = { name: "backups", kind: "backups" } as const;

  it("keeps what is its own until the last of both is forgotten", () => {
    expect(names(keptOf(dumps, state, both))).toEqual(["backups"]);
    expect(names(keptOf(backups, state, both))).toEqual([]);
    expect(names(keptOf(dumps, state, config))).toEqual(["backups", ...own]);
    expect(names(keptOf(backups, state, { backups: {} }))).toEqual(own);
  });

  it("is the part that left the file by hand", () => {
    const resources = state.deployment.resources!.filter(({ urn }) => !urn.endsWith("::backups"));
    const without = { deployment: { resources } };
    const kinds = (file: object, of: ExportedState) =>
      partsOf({ ...file }, of).flatMap(({ kind }) => (kind === "standby" ? [] : [kind]));
    expect(kinds({}, state)).toEqual(["dumps", "duplicati"]);
    expect(kinds({}, without)).toEqual(["backups", "duplicati"]);
    expect(kinds({ backups: {} }, without)).toEqual(["backups", "duplicati"]);
    expect(kinds({ backups: {} }, state)).toEqual(["backups", "dumps", "duplicati"]);
    expect(kinds({ dumps: {} }, without)).toEqual(["dumps", "duplicati"]);
  });
});

describe("a released resource", () => {
  const mine = keptOf({ name: "duplicati", kind: "duplicati" }, state, config);
  const flags = (after: ExportedState) =>
    Object.fromEntries(
      (after.deployment.resources ?? [])
        .filter(({ urn }) => /data$|key$/.test(urn))
        .map(({ urn, protect, retainOnDelete }) => [
          urn.split("::").at(-1),
          [protect, retainOnDelete],
        ]),
    );

  it("is not protected any more, and its data stay", () => {
    expect(flags(released(state, mine, false))).toMatchObject({
      "primary-data": [true, true],
      "a-data": [true, true],
      "agent-manifest-key": [true, true],
      "duplicati-data": [undefined, true],
      "duplicati-settings-key": [undefined, true],
    });
  });

  it("is deleted with its data only when somebody says so", () => {
    expect(flags(released(state, mine, true))).toMatchObject({
      "primary-data": [true, true],
      "duplicati-data": [undefined, undefined],
      "duplicati-settings-key": [undefined, true],
    });
  });

  it("is all that changes", () => {
    const after = released(state, mine, true);
    expect(after.deployment.resources).toHaveLength(state.deployment.resources!.length);
    expect(released(state, [], true)).toEqual(state);
  });
});

it("finds the standbys' containers with their engines", () => {
  expect([...standbyContainers(state)]).toEqual([["a", { host: "", name: "laterbase-x-a" }]]);
});
