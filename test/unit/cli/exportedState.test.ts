import {
  engineHosts,
  type ExportedState,
  kept,
  ownerNumber,
  primarySteps,
  remainsOnPrimary,
  type StateResource,
  volumes,
  withoutPrimarySteps,
} from "../../../scripts/cli/stack/exportedState";

const tree = "urn:pulumi:dev::laterbase::laterbase:index:Laterbase$laterbase:index:PreparedPrimary";
const prepared = `${tree}::laterbase-prepared`;
const urn = (type: string, name: string) => `${tree}$${type}::${name}`;
const resource = (
  type: string,
  name: string,
  more: Partial<StateResource> = {},
): StateResource => ({
  urn: urn(type, name),
  type,
  ...more,
});
const step = (name: string, more: Partial<StateResource> = {}) =>
  resource("command:local:Command", `laterbase-prepared-${name}`, { parent: prepared, ...more });

const component: StateResource = {
  urn: prepared,
  type: "laterbase:index:PreparedPrimary",
  outputs: {
    user: "laterbase_dev",
    host: "192.168.1.20",
    port: 5432,
    slots: ["laterbase_a_slot", "laterbase_b_slot"],
  },
};
const clone = resource("docker:index/container:Container", "standby", {
  parent: "urn:pulumi:dev::laterbase::laterbase:index:Standby::standby",
  dependencies: [urn("command:local:Command", "laterbase-prepared-role"), prepared],
  propertyDependencies: { envs: [urn("command:local:Command", "laterbase-prepared-role")] },
  deletedWith: urn("command:local:Command", "laterbase-prepared-role"),
});
const state: ExportedState = {
  deployment: {
    resources: [
      component,
      resource("random:index/randomId:RandomId", "laterbase-prepared-owner", {
        parent: prepared,
        outputs: { hex: "1a2b3c4d" },
      }),
      step("role"),
      step("hba"),
      step("slot-b"),
      clone,
      resource("command:local:Command", "standby-ready", { parent: "urn:x::y::z::standby" }),
      resource("docker:index/volume:Volume", "data", {
        protect: true,
        provider: `${urn("pulumi:providers:docker", "far")}::0f3a`,
        outputs: { name: "v-data" },
      }),
      resource("docker:index/volume:Volume", "socket", { outputs: { name: "v-socket" } }),
      resource("random:index/randomPassword:RandomPassword", "superuser", { protect: true }),
      resource("pulumi:providers:docker", "near", { inputs: {} }),
      resource("pulumi:providers:docker", "far", { inputs: { host: "ssh://nas" } }),
    ],
  },
};

describe("an exported state", () => {
  it("names the volumes and secrets that a destroy kept", () => {
    expect(kept(state)).toEqual({ volumes: ["v-data"], secrets: ["superuser"] });
  });

  it("names the engines", () => {
    expect(engineHosts(state)).toEqual(["", "ssh://nas"]);
    expect(engineHosts({ deployment: {} })).toEqual([""]);
  });

  it("names each volume with its engine", () => {
    expect(volumes(state)).toEqual([
      { host: "ssh://nas", name: "v-data" },
      { host: "", name: "v-socket" },
    ]);
  });

  it("names what remains on the primary, for the steps that are still in the state", () => {
    const lines = remainsOnPrimary(state, "laterbase", "dev");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('The replication slot "laterbase_b_slot"');
    expect(lines[1]).toContain("# BEGIN laterbase laterbase/dev#1a2b3c4d.2");
    expect(lines[2]).toContain('The role "laterbase_dev" remains on the primary 192.168.1.20:5432');
    expect(
      remainsOnPrimary({ deployment: { resources: [component] } }, "laterbase", "dev"),
    ).toEqual([]);
  });

  it("finds the steps on an external primary in their component", () => {
    const inner = `${tree}$laterbase:index:ExternalPrimary::laterbase-prepared`;
    const external = { urn: inner, type: "laterbase:index:ExternalPrimary", parent: prepared };
    const resources = [component, external, step("slot-b", { parent: inner })];
    const moved = { deployment: { resources } };
    expect(primarySteps(moved)).toHaveLength(1);
    expect(remainsOnPrimary(moved, "laterbase", "dev")).toEqual([
      expect.stringContaining('The replication slot "laterbase_b_slot"'),
    ]);
    expect(withoutPrimarySteps(moved).deployment.resources).toHaveLength(2);
  });

  it("without the steps keeps everything else, and no reference to them", () => {
    expect(primarySteps(state)).toHaveLength(3);
    const left = withoutPrimarySteps(state);
    expect(left.deployment.resources).toHaveLength(9);
    const names = JSON.stringify(left);
    expect(names).not.toMatch(/laterbase-prepared-(role|hba|slot)/);
    expect(names).toContain("standby-ready");
    const again = left.deployment.resources?.find(({ urn: own }) => own === clone.urn);
    expect(again).toMatchObject({ dependencies: [prepared], propertyDependencies: { envs: [] } });
    expect(again).not.toHaveProperty("deletedWith");
  });

  it("without the steps keeps the owner's number, by which the next up finds its own things", () => {
    const owner = (all: ExportedState) =>
      all.deployment.resources?.find(({ urn: own }) => own.endsWith("-owner"));
    expect(owner(state)?.protect).toBeUndefined();
    const left = withoutPrimarySteps(state);
    expect(owner(left)?.protect).toBe(true);
    expect(ownerNumber(left)).toBe("1a2b3c4d");
    // Nothing of this stack is on the primary: nothing has to be found again.
    const none = state.deployment.resources?.filter(({ urn: own }) => !own.includes("Command"));
    expect(
      owner(withoutPrimarySteps({ deployment: { resources: none! } }))?.protect,
    ).toBeUndefined();
  });

  it("names the owner's number, where the primary was prepared", () => {
    expect(ownerNumber(state)).toBe("1a2b3c4d");
    expect(ownerNumber({ deployment: { resources: [component] } })).toBeUndefined();
  });
});
