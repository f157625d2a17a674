import type { AgentOverview, JobOverview } from "../../contract/agentOverview";
import { type Check, judged } from "../../contract/health/check";
import type { PrimaryFacts, StackFacts, StandbyFacts } from "../../contract/health/facts";
import type { Snapshot } from "../../scripts/agent/health/kit/snapshot";

/** The moment of every snapshot here: 03:07 in London. */
export const moment = "2026-11-30T03:07:12.000Z";

const GB = 1e9;

/** A moment before it. */
export const before = (seconds: number): string =>
  new Date(Date.parse(moment) - seconds * 1000).toISOString();

export function snapshotOf(facts: StackFacts, checks: readonly Check[]): Snapshot {
  const dated = checks.map((check) => ({ since: before(9 * 86_400), ...check }));
  return { at: facts.at, facts, checks: dated, judged: judged(dated) };
}

const primary: PrimaryFacts = {
  version: "17.5 (Debian 17.5-1.pgdg13+1)",
  startedAt: before(41 * 86_400),
  inRecovery: false,
  connections: { used: 37, most: 200 },
  systemIdentifier: "7552219801774321664",
  timeline: 3,
  databases: [
    { name: "homelab_jarvis", bytes: 18.4 * GB, clients: 12 },
    { name: "immich", bytes: 9.1 * GB, clients: 9 },
    { name: "paperless", bytes: 1.3 * GB, clients: 4 },
    { name: "postgres", bytes: 7.6e6, clients: 1 },
  ],
  slots: [
    { name: "laterbase_standby_slot", active: true, status: "reserved", bytes: 16e6, limit: 10e9 },
    { name: "laterbase_attic_slot", active: true, status: "reserved", bytes: 24e6, limit: 10e9 },
  ],
  replicas: [
    { slot: "laterbase_standby_slot", state: "streaming", bytes: 0, seconds: 0.3 },
    { slot: "laterbase_attic_slot", state: "streaming", bytes: 41_000, seconds: 1.8 },
  ],
  archiver: {
    ...{ archived: 90_211, failed: 0, lastArchivedAt: before(38) },
    ...{ lastFailedAt: null, lastFailedWal: null },
  },
  running: [],
  disk: { holds: "primary's data", bytes: 500 * GB, free: 421 * GB },
};

const standby: StandbyFacts = {
  inRecovery: true,
  paused: false,
  streaming: true,
  replayAge: 0.3,
  lagSeconds: 0.3,
  systemIdentifier: "7552219801774321664",
  timeline: 3,
};

function job(
  name: string,
  ago: number,
  every: number,
  more: Partial<JobOverview> = {},
): JobOverview {
  const run = { startedAt: before(ago + 90), endedAt: before(ago) };
  return {
    ...({ name, job: name.startsWith("backup") ? "backup" : name } as Pick<
      JobOverview,
      "name" | "job"
    >),
    ...{ schedule: "@hourly", due: before(ago + 92), every, next: before(ago + 92 - every) },
    last: { trigger: "schedule", ...run, result: "success", detail: "It went well." },
    success: run,
    ...more,
  };
}

const hour = 3600;
const day = 24 * hour;

const agent: AgentOverview = {
  at: moment,
  timeZone: "Europe/London",
  jobs: [
    job("dump", 6 * 60, hour),
    job("upload", 5 * 60, day),
    job("backup full", 25 * hour, 7 * day),
    job("backup diff", 65 * 60, day),
    job("check", 37 * 60, hour),
    job("verify", 23 * hour, 7 * day),
    job("drill", 22 * hour, day),
  ],
  running: [],
  dumps: {
    count: 168,
    newest: [
      dump("homelab_jarvis", 6 * 60, 3.1 * GB),
      dump("immich", 7 * 60, 2.2 * GB),
      dump("paperless", 7 * 60, 0.4 * GB),
    ],
  },
  repositories: [
    {
      repository: 1,
      lastBackup: { label: "20261129-020004F_20261130-020003D", type: "diff", at: before(65 * 60) },
      newestWal: { segment: "0000000300000A2B00000011", at: before(38) },
      lastDrill: {
        ...{ at: before(22 * hour), result: "success" },
        restore: { seconds: 431, bytes: 28.1 * GB },
      },
    },
    {
      repository: 2,
      lastBackup: { label: "20261129-020004F_20261130-020003D", type: "diff", at: before(62 * 60) },
      newestWal: { segment: "0000000300000A2B00000011", at: before(41) },
      lastDrill: {
        ...{ at: before(22 * hour), result: "success" },
        restore: { seconds: 912, bytes: 28.1 * GB },
      },
    },
  ],
  waitingWal: { segments: 0 },
  disks: [{ holds: "dumps", bytes: 2000 * GB, free: 1412 * GB }],
  scheduler: { beatAt: before(12) },
};

function dump(database: string, ago: number, bytes: number) {
  const takenAt = before(ago);
  return { id: `${database}-${ago}`, database, takenAt, bytes, signature: "ours" } as const;
}

const facts: StackFacts = {
  at: moment,
  primary,
  standbys: {
    standby,
    attic: { ...standby, lagSeconds: 1.8, replayAge: 1.8 },
  },
  slots: { standby: "laterbase_standby_slot", attic: "laterbase_attic_slot" },
  pooler: {
    paused: false,
    mostClients: 1000,
    pools: [
      {
        ...{ database: "homelab_jarvis", user: "jarvis", mode: "transaction", maxWait: 0 },
        ...{ clients: { active: 61, waiting: 0 }, servers: { active: 8, idle: 4, used: 0 } },
      },
    ],
  },
  agent,
  services: { pgAdmin: { reached: true } },
};

const checks: Check[] = [
  { name: "primary", status: "good", sentence: "It answers; 37 of 200 connections are used." },
  { name: "archiving", status: "good", sentence: "WAL is archived." },
  {
    ...{ name: "standby", status: "good", value: 0.3, unit: "seconds", threshold: 60 },
    sentence: "It streams; 0 B and 0.3 s behind.",
  },
  {
    ...{ name: "attic", status: "good", value: 1.8, unit: "seconds", threshold: 60 },
    sentence: "It streams; 41 kB and 1.8 s behind.",
  },
  {
    ...{ name: "slot laterbase_standby_slot", status: "good", value: 0, unit: "percent" },
    ...{ threshold: 50, sentence: "It keeps 15 MB of WAL, of 9.3 GB (0 %)." },
  },
  { name: "pooler", status: "good", sentence: "It has 61 clients.", value: 0, unit: "clients" },
  { name: "agent", status: "good", sentence: "It answers, and waits for its next job." },
  {
    ...{ name: "dump", status: "good", value: 360, unit: "seconds" },
    sentence: "The last one ended 6 min ago.",
  },
  { name: "upload", status: "good", sentence: "The last one ended 5 min ago." },
  { name: "backup full", status: "good", sentence: "The last one ended 25 h ago." },
  { name: "verify", status: "good", sentence: "The last one ended 23 h ago." },
  { name: "drill", status: "good", sentence: "The last one ended 22 h ago." },
  {
    ...{
      name: "disk of primary's data",
      status: "good",
      value: 84,
      unit: "percent",
      threshold: 10,
    },
    sentence: "421 GB of 500 GB are free (84 %).",
  },
  {
    ...{ name: "disk of dumps", status: "good", value: 70, unit: "percent", threshold: 10 },
    sentence: "1412 GB of 2000 GB are free (70 %).",
  },
];

/** The same checks, with some otherwise. */
function otherwise(...changed: Check[]): Check[] {
  const names = changed.map(({ name }) => name);
  return [...checks.filter(({ name }) => !names.includes(name)), ...changed];
}

const command = (words: string) => `npm run laterbase -- --stack homelab ${words}`;

const slow: Check = {
  ...{ name: "attic", status: "degraded", value: 312, unit: "seconds", threshold: 60 },
  sentence: "It streams; 1.9 GB and 5 min behind.",
  ...{ since: before(23 * 60), command: command("logs attic") },
};

const overdue: Check = {
  ...{ name: "drill", status: "degraded", since: before(29 * hour), command: command("drill") },
  sentence: "It was due at 2026-11-28 22:00 UTC; the last good one is 2 days old.",
};

const unseen: Check = {
  ...{ name: "pooler", status: "unknown", since: before(4 * 60), command: command("logs pooler") },
  sentence: "It did not answer within 5 s.",
};

const down: Check = {
  ...{
    name: "primary",
    status: "failed",
    since: before(3 * 60),
    command: command("logs primary"),
  },
  sentence: "It does not answer: the connection was refused.",
};

const withAgent = (change: Partial<AgentOverview>): StackFacts => ({
  ...facts,
  agent: { ...agent, ...change },
});

export const healthy = snapshotOf(facts, checks);

export const degraded = snapshotOf(
  {
    ...withAgent({
      repositories: agent.repositories!.map((one) => ({
        ...one,
        lastDrill: { ...one.lastDrill!, at: before(2.2 * day) },
      })),
    }),
    standbys: { standby, attic: { ...standby, lagSeconds: 312, replayAge: 312 } },
    pooler: { unknown: "It did not answer within 5 s." },
  },
  otherwise(slow, overdue, unseen),
);

/** The primary is down, a repository is away, a dump failed. */
export const unhealthy = snapshotOf(
  {
    ...withAgent({
      jobs: agent.jobs.map((one) =>
        one.name === "dump"
          ? {
              ...one,
              last: { ...one.last!, result: "failed", detail: "The primary does not answer." },
              success: { startedAt: before(67 * 60), endedAt: before(66 * 60) },
            }
          : one,
      ),
      repositories: [
        {
          ...agent.repositories![0]!,
          newestWal: { segment: "0000000300000A2B00000011", at: before(210) },
        },
        { ...agent.repositories![1]!, problem: "The host nas.local does not answer." },
      ],
    }),
    primary: { unknown: "connect ECONNREFUSED 172.20.0.2:5432" },
    standbys: {
      standby: { ...standby, streaming: false, lagSeconds: null },
      attic: { unknown: "It did not answer within 5 s." },
    },
  },
  otherwise(
    down,
    {
      ...{
        name: "standby",
        status: "failed",
        since: before(3 * 60),
        command: command("logs standby"),
      },
      sentence: "Nothing streams to it, and the primary could not be asked.",
    },
    {
      ...{
        name: "attic",
        status: "unknown",
        since: before(2 * 60),
        command: command("logs attic"),
      },
      sentence: "It did not answer within 5 s.",
    },
    {
      ...{ name: "dump", status: "failed", since: before(6 * 60), command: command("dump") },
      sentence: "The last one, of 2026-11-30 03:01 UTC, failed: The primary does not answer.",
    },
    {
      ...{ name: "repository 2", status: "failed", since: before(50 * 60) },
      sentence: "It cannot be read: The host nas.local does not answer.",
      command: command("check --repo 2"),
    },
  ),
);

/** Nothing can be asked. */
export const unknown = snapshotOf(
  {
    ...facts,
    primary: { unknown: "connect ECONNREFUSED 172.20.0.2:5432" },
    standbys: { standby: { unknown: "It did not answer within 5 s." } },
    pooler: { unknown: "It did not answer within 5 s." },
    agent: { unknown: "It did not answer within 5 s." },
  },
  ["primary", "standby", "pooler", "agent"].map((name) => ({
    ...{ name, status: "unknown", since: before(60), command: command(`logs ${name}`) },
    sentence: "It did not answer within 5 s.",
  })),
);

/** The first minute: there is no dump, no backup and no drill yet. */
export const empty = snapshotOf(
  {
    at: moment,
    primary: {
      ...primary,
      ...{ databases: [{ name: "app", bytes: 7.6e6, clients: 0 }], slots: [], replicas: [] },
      archiver: { ...primary.archiver!, archived: 0, lastArchivedAt: null },
    },
    standbys: {},
    slots: {},
    agent: {
      ...agent,
      jobs: ["dump", "backup full", "drill"].map((name) => ({
        ...{ name, job: name.replace(" full", "") as JobOverview["job"], schedule: "@hourly" },
        ...{ due: before(60), every: hour },
      })),
      dumps: { newest: [], count: 0 },
      repositories: [{ repository: 1 }],
    },
  },
  [
    { name: "primary", status: "good", sentence: "It answers; 1 of 200 connections is used." },
    ...["dump", "backup full", "drill"].map((name): Check => ({
      name,
      status: "pending",
      sentence: "There was none yet.",
      since: before(20),
    })),
  ],
);

/** A primary that people run themselves, with a standby and dumps. */
export const external = snapshotOf(
  {
    at: moment,
    primary: { ...primary, version: "13.22", archiver: null, disk: undefined as never },
    standbys: { standby },
    slots: { standby: "laterbase_standby_slot" },
    agent: { ...withoutBackups(agent), jobs: agent.jobs.slice(0, 1) },
  },
  checks.filter(({ name }) => ["primary", "standby", "agent", "dump"].includes(name)),
);

function withoutBackups({
  repositories: _,
  waitingWal: __,
  ...rest
}: AgentOverview): AgentOverview {
  return rest;
}

/** Names as somebody may have made them, to break a page. */
export const hostileNames = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</title></style></svg><h1>broken",
  "a\u202Egnp.exe\u0000\u001b[31m",
  "&lt;already&amp;",
  "ÄÖÜ 数据库 🦊 قاعدة",
  "x".repeat(63),
  "'; DROP TABLE students; --",
  "javascript:alert(1)",
  "{{constructor.constructor('alert(1)')()}}",
  " ",
  "W".repeat(63),
];

export const hostile = snapshotOf(
  {
    ...facts,
    primary: {
      ...primary,
      version: "17<b>",
      databases: hostileNames.map((name, i) => ({ name, bytes: 10 ** i, clients: i })),
    },
    standbys: Object.fromEntries(hostileNames.map((name) => [name, standby])),
    slots: Object.fromEntries(hostileNames.map((name) => [name, `slot ${name}`])),
    agent: {
      ...agent,
      dumps: { count: 12, newest: hostileNames.map((name, i) => dump(name, 600 * i, 10 ** i)) },
      disks: [{ holds: hostileNames[0]!, bytes: GB, free: 0 }],
      running: [{ name: hostileNames[1]!, since: before(20) }],
    },
  },
  hostileNames.map((name, i) => ({
    ...{ name, status: i % 2 ? "failed" : "degraded", sentence: `It says ${name}`, command: name },
  })),
);
