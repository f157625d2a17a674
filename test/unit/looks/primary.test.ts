import type { ExternalLooks } from "../../../contract/looks";
import { type Answer, sentences } from "../../../scripts/steps/look/external";
import { otherMajor } from "../../../scripts/steps/look/managed";
import type { PrimaryFacts } from "../../../scripts/steps/look/primaryFacts";

const looks: ExternalLooks = {
  kind: "external",
  host: "192.168.1.20",
  port: 5432,
  version: 13,
  superuser: "postgres",
  password: "Tr0ub4dor",
  needsLogin: true,
  databases: { "laterbase:primary.databases": ["ResolveProjects"] },
  allowFrom: ["192.168.1.0/24", "fd00::/8"],
};
const facts: PrimaryFacts = {
  major: 13,
  databases: ["Media", "ResolveProjects", "postgres"],
  client: "192.168.1.30",
  streams: { laterbase_standby_slot: "192.168.1.30", other_slot: "10.1.1.1" },
  bytes: 0,
};
const from = {
  where: "the local Docker engine",
  wanted: {
    ...{ host: "", ports: [], containers: [], images: [] },
    standbys: [{ key: "laterbase:standbys[0]", name: "standby" }],
  },
};
const answer = (change: Partial<PrimaryFacts> = {}): Answer => ({
  facts: { ...facts, ...change },
  from,
});
const refused = (seen: Answer, change: Partial<ExternalLooks> = {}) =>
  sentences({ ...looks, ...change }, seen).refused;

it("refuses nothing of a primary that has what the file says", () => {
  expect(sentences(looks, answer())).toEqual({ refused: [], unseen: [] });
  expect(refused(answer({ client: "fd00::30" }))).toEqual([]);
});

it.each<[string, Answer, Partial<ExternalLooks>, string]>([
  [
    "another password",
    { sqlState: "28P01", from },
    {},
    'laterbase:primary.superuser.password must be the password of "postgres" on 192.168.1.20:5432, which refuses the ' +
      "one that is set; set the right one by `npm run pulumi -- config set --secret --path " +
      "'laterbase:primary.superuser.password'`",
  ],
  [
    "a login that pg_hba.conf keeps out",
    { sqlState: "28000", from },
    {},
    "laterbase:primary.superuser.name must be a role that 192.168.1.20:5432 lets in by password from the local " +
      'Docker engine; it is "postgres", which pg_hba.conf or the role itself keeps out (SQLSTATE 28000)',
  ],
  [
    "another major",
    answer({ major: 15 }),
    {},
    "laterbase:primary.version must be 15, the major of 192.168.1.20:5432; it is 13",
  ],
  [
    "a name in other letters",
    answer(),
    { databases: { "laterbase:primary.databases": ["resolveprojects"] } },
    'laterbase:primary.databases names "resolveprojects", which 192.168.1.20:5432 does not have; it has "Media", "ResolveProjects", "postgres"',
  ],
  [
    "a database that is not there",
    answer({ databases: ["a\nb", "postgres"] }),
    { databases: { "laterbase:dumps.databases": ["Accounting"] } },
    'laterbase:dumps.databases names "Accounting", which 192.168.1.20:5432 does not have; it has "a\\nb", "postgres"',
  ],
  [
    "networks that leave out the engine",
    answer({ client: "172.17.0.2", streams: {} }),
    {},
    "laterbase:primary.allowFrom must admit 172.17.0.2, from where containers of the local Docker engine connect, such " +
      "as 172.17.0.2/32; it is [192.168.1.0/24, fd00::/8]",
  ],
  [
    "networks that leave out the standby, which streams from another address",
    answer({ streams: { laterbase_standby_slot: "fe00::30" } }),
    {},
    'laterbase:primary.allowFrom must admit fe00::30, from where the standby "standby" connects, such as ' +
      "fe00::30/128; it is [192.168.1.0/24, fd00::/8]",
  ],
])("refuses %s", (_what, seen, change, sentence) => {
  expect(refused(seen, change)).toEqual([sentence]);
});

it("does not ask for a login from the engine that nothing uses, and says that it could not look", () => {
  const ssh = { ...looks, needsLogin: false };
  expect(sentences(ssh, { sqlState: "28000", from })).toEqual({
    refused: [],
    unseen: [
      'The primary at 192.168.1.20:5432 refused the login of "postgres" (SQLSTATE 28000), so its password, databases ' +
        "and addresses were not looked at",
    ],
  });
});

it.each<[string, Answer, string]>([
  ["sleeps", { silent: true, from }, "did not answer"],
  ["starts", { sqlState: "57P03", from }, 'refused the login of "postgres" (SQLSTATE 57P03)'],
])("refuses nothing of a primary that %s, and says so", (_what, seen, why) => {
  expect(sentences(looks, seen)).toEqual({
    refused: [],
    unseen: [
      `The primary at 192.168.1.20:5432 ${why}, so its password, databases and addresses were not looked at`,
    ],
  });
});

it("refuses another major than that of the data", () => {
  const managed = {
    kind: "managed",
    host: "",
    version: 15,
    allowFrom: [],
    owner: "laterbase/dev",
    owners: [],
  } as const;
  expect(otherMajor(managed, "laterbase-dev", 17)).toEqual([
    "laterbase:primary.version must be 17, the major of the data in the volume laterbase-dev-primary-data; it is 15. " +
      "A server reads data of its own major only, see docs/dumps.md, Upgrading to a newer major",
  ]);
  expect(otherMajor(managed, "laterbase-dev", 15)).toEqual([]);
  expect(otherMajor(managed, "laterbase-dev", undefined)).toEqual([]);
});
