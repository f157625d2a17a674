import type { StepEvent } from "../../../scripts/wrapper/events";
import { lossSentences, lostVolumes } from "../../../scripts/wrapper/lostVolumes";

const volume = "docker:index/volume:Volume";
const urnOf = (name: string, type = volume) =>
  `urn:pulumi:prod::laterbase::laterbase:index:Laterbase$${type}::${name}`;

function step(op: StepEvent["op"], name: string, old: object = { protect: true }, type = volume) {
  const named = { name: `laterbase-prod-${name}` };
  const state = { id: "", parent: "", custom: true, provider: "", inputs: named, outputs: named };
  return {
    ...{ op, name, type, urn: urnOf(name, type), keys: [], diffs: [], detailedDiff: {} },
    old: { ...state, protect: false, retainOnDelete: false, ...old },
  } satisfies StepEvent;
}

it("names the data volumes that a run would delete or replace, once each", () => {
  const steps = [
    step("delete", "standby-data"),
    step("replace", "primary-data"),
    step("create-replacement", "primary-data"),
    step("delete-replaced", "primary-data"),
    step("delete", "backups", { retainOnDelete: true }),
  ];
  expect(lossSentences(lostVolumes(steps))).toEqual([
    "This change would delete the data volume laterbase-prod-standby-data.",
    "This change would replace the data volume laterbase-prod-primary-data by an empty one.",
    "This change would delete the data volume laterbase-prod-backups.",
  ]);
});

it("leaves out what holds no data, and what stays", () => {
  const steps = [
    step("delete", "standby-socket", {}),
    step("same", "primary-data"),
    step("update", "primary-data"),
    step("create", "standby2-data"),
    step("delete", "password", { protect: true }, "random:index/randomPassword:RandomPassword"),
  ];
  expect(lostVolumes(steps)).toEqual([]);
});

it("takes the resource of an error for a volume that Pulumi refuses to replace", () => {
  const password = urnOf("superuser", "random:index/randomPassword:RandomPassword");
  const refused = [urnOf("primary-data"), password, ""];
  expect(lostVolumes([], refused)).toEqual([
    { urn: urnOf("primary-data"), name: "primary-data", verb: "replace" },
  ]);
  // The step says more.
  expect(lostVolumes([step("delete", "primary-data")], refused)).toEqual([
    { urn: urnOf("primary-data"), name: "laterbase-prod-primary-data", verb: "delete" },
  ]);
});
