import type { AgentOverview, JobOverview } from "../../../contract/agentOverview";
import { type Advice, type Check, exitOf, judged } from "../../../contract/health/check";
import { checksOf, disksTogether } from "../../../contract/health/checks";
import type { PrimaryFacts, StackFacts } from "../../../contract/health/facts";
import { bytes, duration, percentOf, serverBytes } from "../../../contract/health/figures";

const advice: Advice = { operator: (words) => `laterbase ${words}`, up: "up" };
const GiB = 1024 ** 3;
const primary: PrimaryFacts = {
  version: "17.5",
  startedAt: "2026-11-29T00:00:00Z",
  inRecovery: false,
  connections: { used: 3, most: 100 },
  databases: [{ name: "app", bytes: 1000, clients: 1 }],
  slots: [{ name: "s", active: true, status: "reserved", bytes: GiB, limit: 10 * GiB }],
  replicas: [{ slot: "s", state: "streaming", bytes: 0, seconds: 0 }],
  archiver: {
    archived: 1,
    failed: 0,
    lastArchivedAt: "2026-11-29T01:00:00Z",
    lastFailedAt: null,
    lastFailedWal: null,
  },
  running: [],
};
const job: JobOverview = {
  name: "dump",
  job: "dump",
  schedule: "@hourly",
  due: "2026-11-29T12:00:00.000Z",
  next: "2026-11-29T13:00:00.000Z",
  every: 3600,
  last: {
    trigger: "schedule",
    startedAt: "2026-11-29T12:00:01Z",
    endedAt: "2026-11-29T12:00:05Z",
    result: "success",
    detail: "Good.",
  },
  success: { startedAt: "2026-11-29T12:00:01Z", endedAt: "2026-11-29T12:00:05Z" },
};
const agent: AgentOverview = {
  at: "2026-11-29T12:30:05.000Z",
  timeZone: "Etc/UTC",
  jobs: [job],
  running: [],
  disks: [],
};
const healthy: StackFacts = {
  at: agent.at,
  primary,
  standbys: { standby: { inRecovery: true, paused: false, streaming: true, replayAge: 1 } },
  slots: { standby: "s" },
  pooler: {
    paused: false,
    mostClients: 100,
    pools: [
      {
        database: "app",
        user: "u",
        mode: "transaction",
        clients: { active: 2, waiting: 0 },
        servers: { active: 1, idle: 1, used: 0 },
        maxWait: 0,
      },
    ],
  },
  agent,
};
const of = (change: Partial<StackFacts>) => checksOf({ ...healthy, ...change }, advice);
const named = (checks: readonly Check[], name: string) =>
  checks.find((check) => check.name === name);
const withJob = (change: Partial<JobOverview>, at = agent.at) =>
  named(of({ at, agent: { ...agent, at, jobs: [{ ...job, ...change }] } }), "dump");
const withPrimary = (change: Partial<PrimaryFacts>) => of({ primary: { ...primary, ...change } });

it("a healthy stack has these checks, and no other", () => {
  const checks = of({});
  expect(checks).toEqual([
    { name: "primary", status: "good", sentence: "It answers; 3 of 100 connections are used." },
    { name: "archiving", status: "good", sentence: "WAL is archived." },
    {
      ...{ name: "standby", status: "good", sentence: "It streams; 0 B and 0 s behind." },
      ...{ value: 0, unit: "seconds", threshold: 60 },
    },
    {
      ...{ name: "slot s", status: "good", sentence: "It keeps 1.0 GB of WAL, of 10 GB (10 %)." },
      ...{ value: 10, unit: "percent", threshold: 50 },
    },
    { name: "pooler", status: "good", sentence: "It has 2 clients.", value: 0, unit: "clients" },
    { name: "agent", status: "good", sentence: "It answers, and waits for its next job." },
    {
      name: "dump",
      status: "good",
      sentence: "The last one ended 30 min ago.",
      value: 1800,
      unit: "seconds",
    },
  ]);
  expect(judged(checks)).toEqual({ verdict: "healthy", sentence: "Everything works." });
  expect(exitOf(judged(checks))).toBe(0);
});

it("what could not be looked at is unknown, says why, and is never good", () => {
  const away = { unknown: "It does not answer." };
  const checks = checksOf(
    { ...healthy, primary: away, standbys: { standby: away }, pooler: away, agent: away },
    advice,
  );
  expect(checks).toEqual(
    ["primary", "standby", "pooler", "agent"].map((name) => ({
      ...{
        name,
        status: "unknown",
        sentence: "It does not answer.",
        command: `laterbase logs ${name}`,
      },
    })),
  );
  expect(judged(checks)).toEqual({
    verdict: "degraded",
    sentence:
      "Everything that could be looked at works, but not as it should: primary, standby, pooler and agent.",
  });
  expect(exitOf(judged(checks))).toBe(3);
});

it.each<[string, Check[], string, Partial<Check>]>([
  ["a primary in recovery", withPrimary({ inRecovery: true }), "primary", { status: "failed" }],
  [
    "few connections left",
    withPrimary({ connections: { used: 90, most: 100 } }),
    "connections",
    { status: "degraded", value: 90, threshold: 90 },
  ],
  [
    "WAL that is not archived",
    withPrimary({
      archiver: { ...primary.archiver!, failed: 2, lastFailedAt: "2026-11-29T02:00:00Z" },
    }),
    "archiving",
    { status: "failed", since: "2026-11-29T02:00:00Z", command: "laterbase check" },
  ],
  [
    "WAL that is not archived, and the last that was has a time of a clock that was ahead",
    withPrimary({
      archiver: {
        ...{ ...primary.archiver!, lastFailedAt: "2026-11-29T00:30:00Z" },
        lastArchivedWal: "0000000100000000000000FF",
        lastFailedWal: "000000010000000100000000",
      },
    }),
    "archiving",
    { status: "failed" },
  ],
  [
    "WAL that was archived after it had failed",
    withPrimary({
      archiver: {
        ...{ ...primary.archiver!, lastFailedAt: "2026-11-29T00:30:00Z" },
        // A backup's label is archived later than the segments after it.
        lastArchivedWal: "000000010000000000000003.00000028.backup",
        lastFailedWal: "000000010000000000000007",
      },
    }),
    "archiving",
    { status: "good" },
  ],
  [
    "a standby 60 s behind",
    withPrimary({ replicas: [{ slot: "s", state: "streaming", bytes: 5000, seconds: 60 }] }),
    "standby",
    { status: "degraded", value: 60, sentence: "It streams; 5.0 kB and 60 s behind." },
  ],
  [
    "a standby 59 s behind",
    withPrimary({ replicas: [{ slot: "s", state: "streaming", bytes: 5000, seconds: 59 }] }),
    "standby",
    { status: "good" },
  ],
  [
    "a standby far behind in bytes",
    withPrimary({
      replicas: [{ slot: "s", state: "streaming", bytes: 256 * 1024 ** 2, seconds: 1 }],
    }),
    "standby",
    { status: "degraded" },
  ],
  [
    "a slot at half its limit",
    withPrimary({ slots: [{ ...primary.slots[0]!, bytes: 5 * GiB }] }),
    "slot s",
    { status: "degraded", value: 50 },
  ],
  [
    "a slot at nine tenths",
    withPrimary({ slots: [{ ...primary.slots[0]!, bytes: 9 * GiB }] }),
    "slot s",
    { status: "failed", value: 90 },
  ],
  [
    "a slot that nothing uses",
    withPrimary({ slots: [{ ...primary.slots[0]!, active: false }] }),
    "slot s",
    { status: "degraded", sentence: "Nothing uses it. It keeps 1.0 GB of WAL, of 10 GB (10 %)." },
  ],
  [
    "a slot without a limit",
    withPrimary({ slots: [{ ...primary.slots[0]!, limit: null }] }),
    "slot s",
    { status: "good", sentence: "It keeps 1.0 GB of WAL, without a limit." },
  ],
  [
    "a slot that lost WAL",
    withPrimary({ slots: [{ ...primary.slots[0]!, status: "lost", bytes: null }] }),
    "slot s",
    { status: "failed", command: "up" },
  ],
  [
    "a promoted standby",
    of({
      standbys: {
        standby: { inRecovery: false, paused: false, streaming: false, replayAge: null },
      },
    }),
    "standby",
    { status: "failed", command: "laterbase rebuild standby" },
  ],
  [
    "a standby without a stream",
    of({
      standbys: { standby: { inRecovery: true, paused: false, streaming: false, replayAge: null } },
    }),
    "standby",
    { status: "failed" },
  ],
  [
    "paused replay",
    of({
      standbys: { standby: { inRecovery: true, paused: true, streaming: true, replayAge: null } },
    }),
    "standby",
    { status: "failed" },
  ],
  [
    "a paused pooler",
    of({ pooler: { paused: true, mostClients: 1, pools: [] } }),
    "pooler",
    { status: "degraded", command: "laterbase resume-pooler" },
  ],
])("%s", (_, checks, name, expected) => expect(named(checks, name)).toMatchObject(expected));

describe("the pooler", () => {
  const waiting = (number: number, maxWait: number, active = 2) =>
    named(
      of({
        pooler: {
          ...{ paused: false, mostClients: 100 },
          pools: [
            {
              database: "app",
              user: "u",
              mode: "transaction",
              clients: { active, waiting: number },
              servers: { active: 1, idle: 0, used: 0 },
              maxWait,
            },
          ],
        },
      }),
      "pooler",
    );

  it.each([
    [waiting(3, 5), "degraded", "It has 5 clients; 3 wait, the first for 5 s."],
    [waiting(3, 4.9), "good", "It has 5 clients; 3 wait, the first for 4.9 s."],
    [waiting(0, 0, 90), "degraded", "It has 90 clients."],
    [waiting(0, 0, 1), "good", "It has 1 client."],
  ])("%#", (check, status, sentence) => expect(check).toMatchObject({ status, sentence }));
});

describe("a job", () => {
  const before = (startedAt: string) => ({ success: { startedAt, endedAt: startedAt } });

  it("that failed is failed, whatever succeeded before", () => {
    expect(withJob({ last: { ...job.last!, result: "failed", detail: "No room." } })).toEqual({
      ...{
        name: "dump",
        status: "failed",
        since: "2026-11-29T12:00:05Z",
        command: "laterbase dump",
      },
      sentence: "The last one, of 2026-11-29 12:00 UTC, failed: No room.",
    });
  });

  it("that never ran is no fault", () => {
    const { last, success, ...never } = job;
    expect([last, success].every(Boolean)).toBe(true);
    const check = named(of({ agent: { ...agent, jobs: [never] } }), "dump");
    expect(check).toMatchObject({ status: "pending", sentence: "There was none yet." });
  });

  it.each([
    ["has an hour", before("2026-11-29T11:00:01Z"), "2026-11-29T12:59:00Z", "good"],
    [
      "of each day is overdue after an hour",
      { ...before("2026-11-28T12:00:01Z"), every: 86_400 },
      "2026-11-29T13:00:01Z",
      "degraded",
    ],
    [
      "of each day has an hour",
      { ...before("2026-11-28T12:00:01Z"), every: 86_400 },
      "2026-11-29T12:59:59Z",
      "good",
    ],
    [
      "that missed two runs is overdue at once",
      before("2026-11-29T10:00:01Z"),
      "2026-11-29T12:00:30Z",
      "degraded",
    ],
  ])("that %s", (_, change, at, status) => expect(withJob(change, at)?.status).toBe(status));

  it("that runs now is not overdue", () => {
    const running = [{ name: "dump", since: agent.at }];
    const jobs = [{ ...job, ...before("2026-11-29T09:00:00Z") }];
    expect(named(of({ agent: { ...agent, running, jobs } }), "dump")).toMatchObject({
      status: "good",
      sentence: "It runs now.",
    });
  });
});

it("repositories, changed dumps and clocks", () => {
  const checks = of({
    agent: {
      ...{ ...agent, at: "2026-11-29T12:33:05.000Z" },
      dumps: {
        count: 2,
        newest: [
          { id: "app/1", database: "app", takenAt: agent.at, bytes: 2000, signature: "changed" },
        ],
      },
      repositories: [
        { repository: 1, problem: "It is away." },
        { repository: 2, drillProblem: "The drill is overdue." },
        { repository: 3 },
        {
          ...{ repository: 4, newestWal: { segment: "000000010000000000000007", at: agent.at } },
          lastBackup: { label: "20261129F", type: "full", at: agent.at },
        },
      ],
    },
  });
  expect(checks.slice(-6).map(({ name, status, command }) => [name, status, command])).toEqual([
    ["dump", "good", undefined],
    ["dump app/1", "failed", "laterbase verify-dump app/1"],
    ["repository 1", "failed", "laterbase check --repo 1"],
    ["repository 2", "degraded", "laterbase drill --repo 2"],
    ["repository 3", "pending", "laterbase backup full"],
    ["repository 4", "good", undefined],
  ]);
  expect(named(checks, "clocks")).toMatchObject({
    status: "degraded",
    sentence: "The clock of the agent's machine and this one are 3 min apart.",
  });
});

it("each file system has its own check, and those of one machine are one line of a table", () => {
  const own = { holds: "primary", bytes: 1000, free: 95 };
  const facts = {
    ...healthy,
    primary: { ...primary, disk: own },
    agent: {
      ...agent,
      disks: [
        { holds: "dumps", bytes: 1000, free: 90 },
        { holds: "nas", bytes: 9000, free: 200 },
      ],
    },
  };
  expect(disksTogether(facts)).toEqual([
    { holds: "primary, dumps", bytes: 1000, free: 95 },
    { holds: "nas", bytes: 9000, free: 200 },
  ]);
  expect(
    checksOf(facts, advice)
      .filter(({ name }) => name.startsWith("disk"))
      .map(({ name, status, value }) => [name, status, value]),
  ).toEqual([
    ["disk of primary", "degraded", 9],
    ["disk of dumps", "degraded", 9],
    ["disk of nas", "failed", 2],
  ]);
});

it("one that failed decides, and many are counted", () => {
  const check = (name: string, status: Check["status"]): Check => ({ name, status, sentence: "." });
  const failed = [..."abcdefg"].map((name) => check(name, "failed"));
  expect(judged([...failed, check("z", "degraded")])).toEqual({
    verdict: "unhealthy",
    sentence: "Not everything works: a, b, c, d, e and 2 more.",
  });
  expect(exitOf(judged(failed))).toBe(1);
  expect(judged([check("drill", "pending")])).toEqual({
    verdict: "healthy",
    sentence: "Everything works. Not there yet: drill.",
  });
});

it.each([
  [bytes(999), "999 B"],
  [bytes(1_234_567), "1.2 MB"],
  [bytes(999_600), "1.0 MB"],
  [serverBytes(10 * GiB), "10 GB"],
  [serverBytes(16 * 1024 ** 2), "16 MB"],
  [duration(0.04), "0 s"],
  [duration(9.96), "10 s"],
  [duration(119), "119 s"],
  [duration(3599), "59 min"],
  [duration(86_400), "24 h"],
  [duration(3 * 86_400), "3 days"],
  [percentOf(1, 3), 33],
  [percentOf(1, 0), 0],
])("figure %#", (got, expected) => expect(got).toBe(expected));
