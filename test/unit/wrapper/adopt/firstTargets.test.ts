import {
  firstTargets,
  lookTargets,
  secretTargets,
} from "../../../../scripts/wrapper/adopt/firstTargets";

const urn = (name: string) => `urn:pulumi:dev::laterbase::t::${name}`;
const step = (name: string, type: string, parent: string, op = "create") => ({
  ...{ op, type, name, urn: urn(name), new: { parent: parent && urn(parent) } },
});
const steps = [
  step("looks", "command:local:Command", "laterbase-dev"),
  step("laterbase-dev", "pulumi:pulumi:Stack", ""),
  step("laterbase", "laterbase:index:Laterbase", "laterbase-dev"),
  step("local", "pulumi:providers:docker", "laterbase"),
  step("local-network", "docker:index/network:Network", "laterbase"),
  step("local-image", "docker:index/remoteImage:RemoteImage", "laterbase"),
  step("primary", "laterbase:index:Primary", "laterbase"),
  step("primary-superuser", "random:index/randomPassword:RandomPassword", "primary"),
  step("primary-data", "docker:index/volume:Volume", "primary"),
  step("primary-settings-check", "command:local:Command", "primary"),
  step("primary-container", "docker:index/container:Container", "primary"),
  step("primary-ready", "command:local:Command", "primary"),
  step("preparation", "laterbase:index:PreparedPrimary", "laterbase"),
  step("preparation-owner", "random:index/randomId:RandomId", "preparation"),
  step("preparation-role", "command:local:Command", "preparation"),
  step("pooler", "laterbase:index:PgBouncer", "laterbase"),
  step("pooler-image", "docker:index/remoteImage:RemoteImage", "pooler"),
  step("pooler-container", "docker:index/container:Container", "pooler"),
];
const namesOf = (urns: readonly string[]) =>
  urns.map((one) => one.slice(one.lastIndexOf("::") + 2)).sort();
const names = (managed: boolean) => namesOf(firstTargets(steps, managed));
const secrets = [
  ...["laterbase", "laterbase-dev", "local", "local-image", "local-network", "preparation"],
  ...["preparation-owner", "primary", "primary-data", "primary-superuser"],
];

it("begins with the secrets, the volumes and the primary, with all that they depend on", () => {
  expect(names(true)).toEqual(
    [...secrets, "primary-settings-check", "primary-container", "primary-ready"].sort(),
  );
});

it("begins with the secrets alone where the primary is external", () => {
  expect(names(false)).toEqual(secrets);
});

it("looks, and draws secrets, by themselves: both come before anything is removed", () => {
  expect(namesOf(lookTargets(steps))).toEqual(["laterbase", "laterbase-dev", "local", "looks"]);
  expect(namesOf(secretTargets(steps))).toEqual([
    ...["laterbase", "laterbase-dev", "preparation", "preparation-owner", "primary"],
    "primary-superuser",
  ]);
  expect(lookTargets(steps.map((one) => ({ ...one, op: "same" })))).toEqual([]);
});
