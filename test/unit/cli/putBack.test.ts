import {
  type ExportedState,
  resourcesOf,
  type StateResource,
  withoutPrimarySteps,
} from "../../../scripts/cli/stack/exportedState";
import { putBack } from "../../../scripts/cli/stack/putBack";

const urn = (name: string) => `urn:pulumi:dev::laterbase::t::${name}`;
const prepared = urn("preparation");
const step = urn("preparation-role");
const resource = (name: string, more: Partial<StateResource> = {}): StateResource => ({
  urn: urn(name),
  type: "t",
  ...more,
});
const before: ExportedState = {
  deployment: {
    resources: [
      resource("preparation", { type: "laterbase:index:PreparedPrimary" }),
      resource("preparation-role", { type: "command:local:Command", parent: prepared }),
      resource("data", { type: "docker:index/volume:Volume", protect: true, retainOnDelete: true }),
      resource("password", { type: "random:index/randomPassword:RandomPassword", protect: true }),
      resource("secret", { outputs: { result: { ciphertext: "v1:a" } } }),
      resource("standby", { dependencies: [step], propertyDependencies: { envs: [step] } }),
    ],
  },
};
const changed = (
  { deployment }: ExportedState,
  change: (resource: StateResource) => StateResource | undefined,
): ExportedState => ({
  deployment: {
    ...deployment,
    resources: (deployment.resources ?? []).flatMap((one) => change(one) ?? []),
  },
});
/** As Pulumi writes it: without what is empty, and its secrets encrypted anew. */
const exported = (state: ExportedState) =>
  changed(state, ({ dependencies, outputs, ...rest }) => ({
    ...rest,
    ...(outputs ? { outputs: { result: { ciphertext: "v1:b" } } } : {}),
    ...(dependencies && dependencies.length > 0 ? { dependencies } : {}),
  }));
const bare = (state: ExportedState) => changed(state, ({ protect: _, ...rest }) => rest);

describe("a state after a destroy that did not come to its end", () => {
  it("is that of before where nothing was destroyed", () => {
    expect(putBack(bare(before), before)).toBe(before);
    expect(putBack(exported(withoutPrimarySteps(before)), before)).toBe(before);
    expect(putBack(bare(exported(withoutPrimarySteps(before))), before)).toBe(before);
  });

  it("has only its protection again where something was destroyed", () => {
    const now = changed(bare(withoutPrimarySteps(before)), (one) =>
      one.urn === urn("standby") ? undefined : one,
    );
    const state = putBack(now, before);
    expect(resourcesOf(state).map((one) => [one.urn, one.protect === true])).toEqual([
      [prepared, false],
      [urn("data"), true],
      [urn("password"), true],
      [urn("secret"), false],
    ]);
  });

  it("is not made older where another run has changed it since", () => {
    const now = changed(bare(before), (one) => ({ ...one, outputs: { id: "another" } }));
    const state = putBack(now, before);
    expect(resourcesOf(state).every(({ outputs }) => outputs?.["id"] === "another")).toBe(true);
    expect(resourcesOf(state).filter(({ protect }) => protect)).toHaveLength(2);
  });
});
