import { emptyPrimary, refusal } from "../../../scripts/primary/observe/emptyPrimary";

const standby = {
  kind: "standby",
  standby: "standby",
  volume: "laterbase-dev-standby-data",
} as const;
const dumps = { kind: "dumps", volume: "laterbase-dev-agent-records" } as const;
const volume = "laterbase-dev-primary-data";

it("says where copies of the primary's data are, and every way out", () => {
  expect(refusal(volume, [standby, dumps], "dev")).toEqual([
    'The primary has no data: its volume laterbase-dev-primary-data is missing or empty. There are copies: the standby "standby" (volume laterbase-dev-standby-data), dumps of this stack.',
    "Nothing was changed, because a new primary would be empty.",
    "To get back the rows that the standby had received, copy its data into the volume as docs/failures.md#the-primary-has-no-data shows.",
    "To go back to a dump, run 'LATERBASE_EMPTY_PRIMARY=yes npm start', then 'npm run laterbase -- restore-dump <database> --in-place --create-roles'.",
    "To begin with an empty primary, run 'LATERBASE_EMPTY_PRIMARY=yes npm start'.",
  ]);
});

it("offers what there is, by the commands of the stack", () => {
  expect(refusal(volume, [dumps], "prod").slice(1)).toEqual([
    "Nothing was changed, because a new primary would be empty.",
    "To go back to a dump, run 'LATERBASE_EMPTY_PRIMARY=yes npm run pulumi -- up --stack prod', then 'npm run laterbase -- restore-dump <database> --in-place --create-roles --stack prod'.",
    "To begin with an empty primary, run 'LATERBASE_EMPTY_PRIMARY=yes npm run pulumi -- up --stack prod'.",
  ]);
});

it("names the restore where there are backups, whose stanza an empty primary cannot use", () => {
  expect(refusal(volume, [dumps], "prod", true)).toEqual([
    expect.stringContaining("dumps of this stack"),
    "Nothing was changed, because a new primary would be empty.",
    "To go back to what the backups hold, run 'npm run laterbase -- restore --stack prod', which shows what it does first.",
    "To go back to a dump, set laterbase:backups.stanza to another name, then run 'LATERBASE_EMPTY_PRIMARY=yes npm run pulumi -- up --stack prod', then 'npm run laterbase -- restore-dump <database> --in-place --create-roles --stack prod'.",
    "To begin with an empty primary, set laterbase:backups.stanza to another name, then run 'LATERBASE_EMPTY_PRIMARY=yes npm run pulumi -- up --stack prod'.",
  ]);
});

it("asks no engine about an external primary", async () => {
  const external = { primary: { kind: "external" }, standbys: [], dockerHost: "tcp://127.0.0.1:1" };
  const name = { project: "laterbase", stack: "dev" };
  const nothing = { refused: [], empty: false };
  expect(await emptyPrimary(external, name, "image")).toEqual(nothing);
  // An engine that does not answer is the provider's to report.
  const managed = { ...external, primary: { kind: "managed" } };
  expect(await emptyPrimary(managed, name, "image")).toEqual(nothing);
});
