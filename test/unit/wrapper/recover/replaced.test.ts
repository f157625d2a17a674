import { recordedIn } from "../../../../scripts/wrapper/engines/recorded";
import { replacedContainers } from "../../../../scripts/wrapper/recover";
import { exportedState, urnOf } from "../../../support/unit/exportedEngines";

const steps = (entries: [string, string][]) =>
  entries.map(([op, name]) => ({ op, type: "docker:index/container:Container", urn: urnOf(name) }));

it("names what Pulumi deletes to make it again, in the order of the state", () => {
  const planned = steps([
    ["delete-replaced", "standby-container"],
    ["create-replacement", "standby-container"],
    ["replace", "standby-container"],
    ["replace", "primary-container"],
  ]);
  expect(replacedContainers(planned, recordedIn(exportedState()))).toEqual([
    expect.objectContaining({ name: "laterbase-dev-primary", id: "c-primary", host: "" }),
    expect.objectContaining({
      name: "laterbase-dev-standby",
      id: "c-standby",
      host: "ssh://nas.local",
    }),
  ]);
});

it("names none that is deleted for good, changed in place or made for the first time", () => {
  const planned = steps([
    ["delete", "standby-container"],
    ["update", "primary-container"],
    ["create", "pooler-container"],
    ["same", "pgadmin-container"],
  ]);
  expect(replacedContainers(planned, recordedIn(exportedState()))).toEqual([]);
});
