import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentOverview } from "../../../../contract/agentOverview";
import type { Check } from "../../../../contract/health/check";
import type { PrimaryFacts, StackFacts } from "../../../../contract/health/facts";
import { metricsOf } from "../../../../scripts/agent/health/metrics/metrics";
import {
  at,
  bad,
  good,
  later,
  overview,
  primaryFacts,
  snapshotOf,
  stackFacts,
} from "../../../support/healthSnapshot";

const checks: Check[] = [
  good("primary"),
  { name: "drill", status: "pending", sentence: "None yet." },
  bad("far", "unknown", { command: "npm run laterbase -- logs far", since: later(-600) }),
  bad("standby", "degraded", { value: 61, unit: "seconds", threshold: 60 }),
  bad("backup full", "failed", { command: "npm run laterbase -- backup full" }),
];

/** The values by name and labels, without the lines about them. */
async function valuesOf(facts: StackFacts, all: Check[] = []): Promise<Map<string, string>> {
  const text = await metricsOf(snapshotOf(all, at, facts));
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), line.split(" ").at(-1)!]),
  );
}

const primaryWith = (parts: Partial<PrimaryFacts>): StackFacts => ({
  ...stackFacts,
  primary: { ...primaryFacts, ...parts },
});

it("is this text for a stack in which everything is known", async () => {
  const expected = readFileSync(join(__dirname, "fixtures/metrics.txt"), "utf8");
  expect(await metricsOf(snapshotOf(checks), 3)).toBe(expected);
});

it("what is not known is absent, and never 0", async () => {
  const nothing: StackFacts = {
    ...{ at, standbys: { standby: { unknown: "No." } }, slots: {} },
    ...{ primary: { unknown: "No." }, pooler: { unknown: "No." }, agent: { unknown: "No." } },
  };
  expect([...(await valuesOf(nothing))]).toEqual([
    ["laterbase_verdict", "0"],
    ["laterbase_looked_timestamp_seconds", "1796040000"],
    ["laterbase_look_age_seconds", "0"],
    ['pg_up{server="primary"}', "0"],
    ['pg_up{server="standby"}', "0"],
    ["pgbouncer_up", "0"],
    ["laterbase_agent_up", "0"],
    ["laterbase_metrics_left_out", "0"],
  ]);
  // Without an agent and a pooler there is nothing about them at all.
  const bare = { ...nothing };
  delete bare.agent;
  delete bare.pooler;
  expect([...(await valuesOf(bare)).keys()].filter((name) => /pgb|agent/.test(name))).toEqual([]);
  const few = await valuesOf(
    primaryWith({ databases: null, archiver: null, slots: [], replicas: [] }),
  );
  expect([...few.keys()].filter((name) => /database_size|archiver|slots/.test(name))).toEqual([]);
});

it("an age is never negative, and a time that is none is absent", async () => {
  const archiver = { ...primaryFacts.archiver!, lastArchivedAt: later(30) };
  const ahead = await valuesOf(primaryWith({ archiver, startedAt: "soon" }));
  expect(ahead.get('pg_stat_archiver_last_archive_age{server="primary"}')).toBe("0");
  expect([...ahead.keys()].filter((name) => name.includes("start_time"))).toEqual([]);
});

it("a name is escaped, so that it adds no line and no label", async () => {
  const name = 'a"} 1\nevil{x="\\';
  const values = await valuesOf(primaryWith({ databases: [{ name, bytes: 5, clients: 1 }] }));
  const own = [...values.keys()].filter((one) => one.startsWith("pg_database_size_bytes"));
  expect(own).toEqual([
    String.raw`pg_database_size_bytes{server="primary",datname="a\"} 1\nevil{x=\"\\"}`,
  ]);
  expect([...values.keys()].some((one) => one.startsWith("evil"))).toBe(false);
});

it("a metric has 500 values at most: the largest databases and the worst checks", async () => {
  const databases = Array.from({ length: 3000 }, (_, index) => ({
    ...{ name: `d${index}`, bytes: index, clients: 0 },
  }));
  const many = Array.from({ length: 600 }, (_, index) => good(`check ${index}`));
  const values = await valuesOf(primaryWith({ databases }), [...many, bad("last", "failed")]);
  const of = (start: string) => [...values.keys()].filter((name) => name.startsWith(start));
  expect(of("pg_database_size_bytes")).toHaveLength(500);
  expect(values.get('pg_database_size_bytes{server="primary",datname="d2999"}')).toBe("2999");
  expect(of("laterbase_check_status")).toHaveLength(500);
  expect(values.get('laterbase_check_status{check="last"}')).toBe("4");
  // 2500 sizes, 2500 numbers of clients, and 101 checks.
  expect(values.get("laterbase_metrics_left_out")).toBe("5101");
});

it("of two checks with one name the worse one counts", async () => {
  const all = [bad("disk", "failed"), good("disk"), bad("disk", "degraded")];
  const values = await valuesOf(stackFacts, all);
  expect(values.get('laterbase_check_status{check="disk"}')).toBe("4");
});

it.each([
  ["a full backup counts for every type", [["full", -100]], ["100", "100", "100"]],
  [
    "a newer incr counts for itself",
    [
      ["full", -900],
      ["incr", -60],
    ],
    ["900", "900", "60"],
  ],
  [
    "one of the future has no age",
    [
      ["full", 3600],
      ["diff", -70],
    ],
    [undefined, "70", "70"],
  ],
  ["a diff alone says nothing of a full one", [["diff", -70]], [undefined, "70", "70"]],
] as [string, [string, number][], (string | undefined)[]][])("%s", async (_, made, ages) => {
  const agent: AgentOverview = {
    ...overview,
    repositories: made.map(([type, seconds], index) => ({
      ...{ repository: index + 1, lastBackup: { label: "x", type, at: later(seconds) } },
    })),
  };
  const values = await valuesOf({ ...stackFacts, agent });
  const name = "pgbackrest_backup_since_last_completion_seconds";
  expect(
    ["full", "diff", "incr"].map((type) => values.get(`${name}{backup_type="${type}"}`)),
  ).toEqual(ages);
});

it("the state of a repository has pgBackRest's numbers", async () => {
  const agent: AgentOverview = {
    ...overview,
    repositories: [
      { repository: 1, lastBackup: { label: "x", type: "full", at } },
      { repository: 2 },
      { repository: 3, problem: "Away.", lastBackup: { label: "x", type: "full", at } },
    ],
  };
  const values = await valuesOf({ ...stackFacts, agent });
  expect([1, 2, 3].map((key) => values.get(`pgbackrest_repo_status{repo_key="${key}"}`))).toEqual([
    ...["0", "2", "99"],
  ]);
});
