import type { AgentOverview } from "../../contract/agentOverview";
import { type Check, judged } from "../../contract/health/check";
import type { PrimaryFacts, StackFacts, StandbyFacts } from "../../contract/health/facts";
import type { Snapshot } from "../../scripts/agent/health/kit/snapshot";

export const at = "2026-11-30T12:00:00.000Z";

/** A moment so many seconds after `at`. */
export const later = (seconds: number): string =>
  new Date(Date.parse(at) + seconds * 1000).toISOString();

export const primaryFacts: PrimaryFacts = {
  ...{ version: "17.5 (Debian 17.5-1)", startedAt: later(-86_400), inRecovery: false },
  ...{ systemIdentifier: "7400000000000000001", timeline: 1 },
  clock: { server: later(1.5), monitor: at },
  connections: { used: 12, most: 100 },
  databases: [
    { name: "app", bytes: 8_000_000, clients: 3 },
    { name: 'we"ird\n\\ Ünï', bytes: 9_000_000, clients: 0 },
  ],
  slots: [
    { name: "laterbase_standby_slot", active: true, status: "reserved", bytes: 1024, limit: 1e10 },
    { name: "laterbase_lost_slot", active: false, status: "lost", bytes: null, limit: 1e10 },
  ],
  replicas: [{ slot: "laterbase_standby_slot", state: "streaming", bytes: 512, seconds: 0.25 }],
  archiver: {
    ...{ archived: 120, failed: 2, lastArchivedAt: later(-30), lastFailedAt: later(-7200) },
    lastFailedWal: "000000010000000000000003",
  },
  running: [],
  disk: { holds: "the primary", bytes: 100e9, free: 40e9 },
  transactionAge: { age: 1_000_000, database: "app", limit: 2_146_483_648 },
  drift: ["The slot is wider."],
};

export const standbyFacts: StandbyFacts = {
  ...{ inRecovery: true, paused: false, streaming: true, replayAge: 4, lagSeconds: 0.5 },
  ...{ systemIdentifier: "7400000000000000001", timeline: 1 },
  clock: { server: later(-2), monitor: at },
  disk: { holds: "standby", bytes: 100e9, free: 50e9 },
};

export const overview: AgentOverview = {
  ...{ at, timeZone: "Etc/UTC" },
  jobs: [
    {
      ...{ name: "dump", job: "dump", schedule: "@hourly", due: later(-1800), every: 3600 },
      next: later(1800),
      last: {
        ...{ trigger: "schedule", startedAt: later(-1800), endedAt: later(-1790) },
        ...{ result: "success", detail: "2 databases are dumped." },
      },
      success: { startedAt: later(-1800), endedAt: later(-1790) },
    },
    {
      ...{ name: "backup full", job: "backup-full", schedule: "0 2 * * 0", every: 604_800 },
      due: later(-36_000),
      last: {
        ...{ trigger: "schedule", startedAt: later(-36_000), endedAt: later(-35_000) },
        ...{ result: "failed", detail: "Repository 1 is away." },
      },
    },
    {
      ...{ name: "drill", job: "drill", schedule: "0 5 * * *", due: later(-25_200), every: 86_400 },
    },
  ],
  running: [{ name: "backup incr", since: later(-60) }],
  dumps: {
    count: 5,
    newest: [
      {
        ...{ id: "app/20261130T113000Z", database: "app", takenAt: later(-1800), bytes: 123_456 },
        signature: "ours",
      },
    ],
  },
  repositories: [
    {
      repository: 1,
      lastBackup: { label: "20261130-020000F", type: "full", at: later(-3600) },
      newestWal: { segment: "000000010000000000000009", at: later(-45) },
      lastDrill: { at: later(-7200), result: "success", restore: { seconds: 34, bytes: 8e9 } },
    },
    { repository: 2, problem: "The bucket does not answer." },
  ],
  waitingWal: { segments: 3, since: later(-50) },
  disks: [{ holds: "dumps, records", bytes: 50e9, free: 5e9 }],
  scheduler: { beatAt: later(-20) },
};

export const stackFacts: StackFacts = {
  at,
  primary: primaryFacts,
  standbys: { standby: standbyFacts, far: { unknown: "It does not answer." } },
  slots: { standby: "laterbase_standby_slot", far: "laterbase_far_slot" },
  pooler: {
    ...{ paused: false, mostClients: 1000 },
    pools: [
      {
        ...{ database: "app", user: "app", mode: "transaction", maxWait: 1.5 },
        clients: { active: 7, waiting: 2 },
        servers: { active: 5, idle: 3, used: 1 },
      },
    ],
  },
  agent: overview,
  services: { pgadmin: { reached: true }, duplicati: { unknown: "It refuses connections." } },
  certificates: { pooler: { until: later(30 * 86_400) } },
  imageBuiltAt: later(-10 * 86_400),
};

/** What a monitor knows, by hand. */
export function snapshotOf(
  checks: readonly Check[],
  when: string = at,
  facts: StackFacts = stackFacts,
): Snapshot {
  return { at: when, facts: { ...facts, at: when }, checks: [...checks], judged: judged(checks) };
}

export const good = (name: string): Check => ({ name, status: "good", sentence: "It works." });

export const bad = (
  name: string,
  status: "unknown" | "degraded" | "failed",
  more: Partial<Check> = {},
): Check => ({ name, status, sentence: `It is ${status}.`, ...more });
