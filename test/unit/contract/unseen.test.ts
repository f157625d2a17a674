import { defaultThresholds } from "../../../contract/health/check";
import { checksOf } from "../../../contract/health/checks";
import type { StackFacts } from "../../../contract/health/facts";
import { isEarly, unseen } from "../../../contract/health/unseen";
import { without } from "../../support/without";
import {
  later,
  overview,
  primaryFacts,
  stackFacts,
  standbyFacts,
} from "../../support/healthSnapshot";

const away = { unknown: "It is away.", down: "silent" as const };
const disk = { bytes: 1000, free: 10 };
const report = { state: "running", detail: "", since: "", disk, collation: { order: "differs" } };
const clock = { server: later(600), monitor: later(0) };
const facts: StackFacts = {
  ...stackFacts,
  managed: true,
  primary: {
    ...primaryFacts,
    ...{
      lacking: ["other"],
      clock,
      connections: { used: 99, most: 100 },
      disk: { holds: "primary", ...disk },
    },
    before: { systemIdentifier: "1", timeline: 1 },
  },
  standbys: { standby: { ...standbyFacts, clock, report, disk: { holds: "standby", ...disk } } },
  agent: { ...overview, at: later(600), dumps: { ...overview.dumps!, problem: "EACCES." } },
  ...{ historyProblem: "No room.", undelivered: [{ target: "notify 1", code: "HTTP 404" }] },
};
const names = (of: StackFacts) =>
  checksOf(of, { operator: (words) => words, up: "up" }, defaultThresholds).map(({ name }) => name);

it("knows of each check that a part makes why it is missing while the part is away", () => {
  const blind = { ...facts, primary: away, standbys: { standby: away }, agent: away };
  const left = new Set(names(blind));
  const missing = names(facts).filter((name) => !left.has(name));
  expect(Object.fromEntries(missing.map((name) => [name, unseen(name, blind)]))).toEqual({
    ...Object.fromEntries(
      [
        ...["connections", "archiving", "cluster", "transaction ids", "settings of the primary"],
        ...["slot laterbase_standby_slot", "slot laterbase_lost_slot", "slot laterbase_far_slot"],
        ...["clock of primary", "disk of primary", "database other"],
      ].map((name) => [name, "the primary gives no answer"]),
    ),
    ...Object.fromEntries(
      ["text order of standby", "clock of standby", "disk of standby"].map((name) => [
        name,
        "standby gives no answer",
      ]),
    ),
    ...Object.fromEntries(
      [
        ...["clocks", "scheduler", "dump", "backup full", "drill", "dump of app"],
        ...["repository 1", "repository 2", "disk of dumps, records", "dumps"],
      ].map((name) => [name, "the agent gives no answer"]),
    ),
  });
  expect(missing.flatMap((name) => unseen(name, facts) ?? [])).toEqual([]);
});

it("says nothing of what the stack does not have, and of what the monitor always sees", () => {
  const bare = without({ ...facts, primary: away, standbys: {} }, "agent");
  const gone = ["dump", "repository 1", "text order of standby", "clock of standby", "pooler"];
  expect(gone.flatMap((name) => unseen(name, bare) ?? [])).toEqual([]);
  const blind = { ...facts, primary: away, standbys: { standby: away }, agent: away };
  const own = ["messages", "history", "images", "certificate of pooler", "pgadmin", "attic"];
  expect(own.flatMap((name) => unseen(name, blind) ?? [])).toEqual([]);
});

const withoutDisk = without(standbyFacts, "disk");

it.each<[string, string, StackFacts]>([
  [
    "text order of standby",
    "the supervisor of standby sends no report",
    { ...facts, standbys: { standby: { ...standbyFacts, report: { unknown: "It is silent." } } } },
  ],
  [
    "disk of standby",
    "the supervisor of standby begins",
    {
      ...facts,
      standbys: { standby: { ...withoutDisk, report: { ...report, state: "starting" } } },
    },
  ],
  [
    "disk of primary",
    "the primary's supervisor sends no report",
    { ...stackFacts, managed: true, primary: { ...primaryFacts, disk: undefined as never } },
  ],
  ["dump", "the agent cannot work", { ...facts, agent: { ...overview, problem: "No room." } }],
  [
    "repository 2",
    "the agent has not looked at its repositories yet",
    { ...facts, agent: { ...overview, repositories: undefined as never } },
  ],
  [
    "disk of repository 2",
    "the agent has not looked at its repositories yet",
    { ...facts, agent: { ...overview, repositories: undefined as never } },
  ],
  [
    "disk of repository 2",
    "repository 2 cannot be read",
    {
      ...facts,
      agent: { ...overview, repositories: [{ repository: 2, problem: "It does not answer." }] },
    },
  ],
])("knows why %s is missing: %s", (name, why, of) => expect(unseen(name, of)).toBe(why));

it("may not know yet what a server's supervisor has not reported, and whether messages arrive", () => {
  const early = (of: StackFacts) =>
    [
      ...["primary", "standby", "text order of standby", "disk of primary", "reports of standby"],
      ...["messages", "clock of standby", "archiving", "dump", "attic", "disk of dumps"],
    ].filter((name) => isEarly(name, of));
  expect(early({ ...facts, standbys: { standby: standbyFacts } })).toEqual([
    ...["primary", "standby", "text order of standby", "disk of primary", "reports of standby"],
    "messages",
  ]);
  expect(early({ ...facts, managed: false })).toEqual(["messages"]);
  expect(early({ ...facts, primary: { ...away, report } })).toEqual(["messages"]);
});
