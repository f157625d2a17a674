import { protectedParts } from "../../../scripts/wrapper/protectedParts";

const urn = (type: string, name: string) => `urn:pulumi:dev::laterbase::${type}::${name}`;
const standby = urn("laterbase:index:Standby", "standby");
const data = urn("laterbase:index:Standby$docker:index/volume:Volume", "standby-data");
const agent = urn("laterbase:index:BackupAgent", "dumps");
const state = {
  deployment: {
    resources: [
      { urn: standby, type: "laterbase:index:Standby" },
      { urn: data, type: "docker:index/volume:Volume", parent: standby, protect: true },
      { urn: agent, type: "laterbase:index:BackupAgent" },
      { urn: urn("x", "backups"), type: "docker:index/volume:Volume", protect: true },
    ],
  },
};

it("names the part whose data keep it in the state, and the command that takes it out", () => {
  const errors = [`Preview failed: resource "${data}" cannot be deleted`];
  expect(protectedParts(errors, state, "dev")).toEqual([
    'The stack file has no standby "standby" any more, and its data are protected. ' +
      "'npm run laterbase -- forget standby' takes it out and keeps its data. " +
      "A standby with another name is another standby, with a clone of its own.",
  ]);
  expect(protectedParts([`x ${urn("x", "backups")}`], state, "prod")).toEqual([
    "The stack file has no dumps any more, and its data are protected. " +
      "'npm run laterbase -- forget dumps --stack prod' takes it out and keeps its data. " +
      "Otherwise put it back into the file.",
  ]);
});

it("says nothing of another error", () => {
  expect(protectedParts(["laterbase:dumps is unknown"], state, "dev")).toEqual([]);
  expect(protectedParts([data], { deployment: {} }, "dev")).toEqual([]);
});
