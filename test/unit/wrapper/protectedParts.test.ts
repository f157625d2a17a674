import { protectedFromDestroy, protectedParts } from "../../../scripts/wrapper/protectedParts";

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

it("names the command that keeps data or deletes them where a destroy would not", () => {
  const errors = [`Resource ${data} cannot be deleted because it is protected`];
  expect(protectedFromDestroy(errors, state, "dev")).toEqual([
    "The data of stack dev and their secrets are protected, so Pulumi does not delete them. " +
      "'npm run destroy' takes the stack down and keeps them; 'npm run destroy -- --data' deletes them too, after asking.",
  ]);
  expect(protectedFromDestroy(errors, state, "prod").join()).toContain(
    "'npm run destroy -- --stack prod' takes the stack down and keeps them; 'npm run destroy -- --data --stack prod' deletes",
  );
  expect(protectedFromDestroy(["no answer"], state, "dev")).toEqual([]);
});

it("says nothing of another error", () => {
  expect(protectedParts(["laterbase:dumps is unknown"], state, "dev")).toEqual([]);
  expect(protectedParts([data], { deployment: {} }, "dev")).toEqual([]);
});

describe("a secret whose number in the stack file is not the next one", () => {
  const password = "random:index/randomPassword:RandomPassword";
  const later = (name: string) => ({ urn: urn(password, name), type: password, protect: true });
  const page = urn("laterbase:index:PgAdmin", "pgadmin");
  const rotated = {
    deployment: {
      resources: [
        { urn: page, type: "laterbase:index:PgAdmin" },
        { ...later("pgadmin-password"), parent: page },
        { ...later("pgadmin-password-1"), parent: page, protect: false },
        { ...later("pgadmin-password-2"), parent: page },
        { ...later("pgadmin-password-21"), parent: page },
        { urn: urn("v", "pgadmin-data"), type: "v", parent: page, protect: true },
        later("primary-superuser"),
        later("primary-superuser-3"),
        later("applications-a-2-password-1"),
      ],
    },
  };
  const of = (...names: string[]) =>
    protectedParts([names.map((name) => `"${urn(password, name)}"`).join(" ")], rotated, "dev");
  const sentence = (target: string, number: number) =>
    `The state has the ${target} secret number ${number}, which laterbase:rotations.${target} no longer asks for. ` +
    `An older secret would become valid again: set it to ${number} or ${number + 1}.`;

  it("is named with the numbers that fit", () => {
    expect(of("primary-superuser-3")).toEqual([sentence("superuser", 3)]);
    expect(of("pgadmin-password-2")).toEqual([sentence("pgadmin", 2)]);
    expect(of("pgadmin-password-21")).toEqual([sentence("pgadmin", 21)]);
    expect(of("applications-a-2-password-1")).toEqual([sentence("a-2", 1)]);
    expect(of("pgadmin-password-1")).toEqual([]);
  });

  it("is not what is wrong when the whole part is gone", () => {
    const errors = [`${urn(password, "pgadmin-password-2")}: x`, `${urn("v", "pgadmin-data")}: x`];
    expect(protectedParts(errors, rotated, "dev")).toEqual([
      "The stack file has no pgAdmin any more, and its data are protected. " +
        "'npm run laterbase -- forget pgAdmin' takes it out and keeps its data. " +
        "Otherwise put it back into the file.",
    ]);
  });
});
