import type { AgentOverview, JobOverview } from "../../../contract/agentOverview";
import { adviceOf } from "../../../contract/health/advice";
import { type Check, defaultThresholds } from "../../../contract/health/check";
import { checksOf } from "../../../contract/health/checks";
import type {
  PrimaryFacts,
  StackFacts,
  StandbyFacts,
  Unknown,
} from "../../../contract/health/facts";
import { without } from "../../support/without";

const advice = adviceOf({ stack: "prod", prefix: "laterbase-prod", near: ["near"] });
const run = "npm run laterbase --";
const up = "npm run pulumi -- up --refresh --stack prod";
const at = "2026-11-29T12:00:00.000Z";
const primary: PrimaryFacts = {
  ...{ version: "17.5", startedAt: at, inRecovery: false, connections: { used: 1, most: 100 } },
  ...{ databases: null, slots: [], replicas: [], archiver: null, running: [] },
};
const standby: StandbyFacts = { inRecovery: true, paused: false, streaming: true, replayAge: 1 };
const report = (state: string, detail = "", more = {}) => ({
  ...{ state, detail, since: "", disk: { bytes: 1000, free: 900 } },
  ...more,
});
const agent: AgentOverview = { at, timeZone: "Etc/UTC", jobs: [], running: [], disks: [] };
const stack: StackFacts = { at, managed: true, primary, standbys: {}, slots: {} };

const checks = (change: Partial<StackFacts>) => checksOf({ ...stack, ...change }, advice);
const of = (change: Partial<StackFacts>, name: string) =>
  checks(change).find((check) => check.name === name);
const withPrimary = (change: Partial<PrimaryFacts>, name: string) =>
  of({ primary: { ...primary, ...change } }, name);
const withStandby = (seen: Partial<StandbyFacts> | Unknown, change: Partial<PrimaryFacts> = {}) =>
  of(
    {
      primary: {
        ...primary,
        replicas: [{ slot: "s", state: "streaming", bytes: 10, seconds: 0 }],
        ...change,
      },
      standbys: { near: "unknown" in seen ? seen : { ...standby, ...seen } },
      slots: { near: "s" },
    },
    "near",
  );

it("commands are those of the stack's operator", () => {
  const dev = adviceOf({ stack: "dev", prefix: "laterbase-dev", near: [] });
  expect([dev.operator("check"), dev.up, dev.resume?.("standby")]).toEqual([
    "npm run laterbase -- check",
    "npm start",
    undefined,
  ]);
  expect([advice.operator("check"), advice.up]).toEqual([`${run} check --stack prod`, up]);
});

describe("what is down", () => {
  const down = (how: NonNullable<Unknown["down"]>) => ({ unknown: "It is away.", down: how });

  it.each([
    ["stopped", up],
    ["refused", `${run} logs primary --stack prod`],
    ["silent", `${run} logs primary --stack prod`],
  ] as const)("%s has failed", (how, command) => {
    expect(checks({ primary: down(how) })).toEqual([
      { name: "primary", status: "failed", sentence: "It is away.", command },
    ]);
  });

  it("an external primary that sleeps is degraded, and no command wakes it", () => {
    expect(checks({ managed: false, primary: down("silent") })).toEqual([
      { name: "primary", status: "degraded", sentence: "It is away." },
    ]);
  });

  it("no command asks for the log of an external primary, which no container has", () => {
    expect(checks({ managed: false, primary: { unknown: "It is away." } })).toEqual([
      { name: "primary", status: "unknown", sentence: "It is away." },
    ]);
    const standby = { ...primary, inRecovery: true };
    expect(of({ managed: false, primary: standby }, "primary")).toEqual({
      ...{ name: "primary", status: "failed" },
      sentence: "It is in recovery, so it takes no writes.",
    });
  });

  it.each([
    ["pooler", { pooler: down("stopped") }],
    ["agent", { agent: down("stopped") }],
    ["pgadmin", { services: { pgadmin: down("stopped") } }],
  ])("the %s has failed, and up starts it", (name, change) => {
    expect(of(change, name)).toEqual({
      ...{ name, status: "failed", sentence: "It is away.", command: up },
    });
  });

  it("a service that is reached is good", () => {
    expect(of({ services: { pgadmin: { reached: true } } }, "pgadmin")).toEqual({
      ...{ name: "pgadmin", status: "good", sentence: "It accepts connections." },
    });
  });

  it("the monitor says what it cannot do itself", () => {
    const logs = `${run} logs health --stack prod`;
    const undelivered = [
      { target: "notify 1 (slack)", code: "HTTP 404" },
      { target: "notify 2 (email)", code: "ECONNREFUSED" },
    ];
    expect(checks({ historyProblem: "the disk is full.", undelivered }).slice(1)).toEqual([
      {
        ...{ name: "history", status: "degraded", command: logs },
        sentence: "The monitor keeps no history: the disk is full.",
      },
      {
        ...{ name: "messages", status: "degraded" },
        sentence:
          "Messages do not arrive at notify 1 (slack) (HTTP 404), notify 2 (email) (ECONNREFUSED).",
        command: `${run} notify --test --stack prod`,
      },
    ]);
  });

  it("the monitor says which pings fail, and no test sends one", () => {
    const undelivered = [{ target: "the ping of dump", code: "HTTP 404", ping: true as const }];
    expect(of({ undelivered }, "messages")).toEqual({
      ...{ name: "messages", status: "degraded" },
      sentence: "Messages do not arrive at the ping of dump (HTTP 404).",
      command: `${run} logs health --stack prod`,
    });
    const both = [...undelivered, { target: "notify 1 (slack)", code: "HTTP 404" }];
    expect(of({ undelivered: both }, "messages")?.command).toBe(
      `${run} notify --test --stack prod`,
    );
  });

  it.each([
    ["cloning", "clones 3 GB", "degraded", "Clones 3 GB.", "logs near"],
    ["blocked", "another cluster.", "failed", "Another cluster.", "rebuild near"],
    ["stalled", "", "failed", "Its supervisor says stalled.", "logs near"],
    ["running", "", "failed", "It is away.", "logs near"],
  ])("a standby that is %s", (state, detail, status, sentence, words) => {
    expect(withStandby({ ...down("refused"), report: report(state, detail) })).toEqual({
      ...{ name: "near", status, sentence, command: `${run} ${words} --stack prod` },
    });
  });

  it("a primary that is blocked is not cloned again", () => {
    const seen = { ...down("refused"), report: report("blocked", "a restore was stopped") };
    expect(of({ primary: seen }, "primary")).toMatchObject({
      ...{ status: "failed", sentence: "A restore was stopped." },
      command: `${run} logs primary --stack prod`,
    });
  });
});

describe("a standby", () => {
  it.each<[string, Partial<StandbyFacts>, Partial<PrimaryFacts>, Partial<Check>]>([
    [
      "whose heartbeat is a minute old",
      { lagSeconds: 60 },
      {},
      { status: "degraded", value: 60, sentence: "It streams; 10 B and 60 s behind." },
    ],
    [
      "that is far behind in bytes",
      { lagSeconds: 1 },
      { replicas: [{ slot: "s", state: "streaming", bytes: 2 ** 28, seconds: 1 }] },
      { status: "degraded", value: 2 ** 28, unit: "bytes", threshold: 2 ** 28 },
    ],
    [
      "of another cluster",
      { systemIdentifier: "1" },
      { systemIdentifier: "2" },
      {
        status: "failed",
        command: `${run} rebuild near --stack prod`,
        sentence:
          "Its data belong to another cluster than the primary: its system identifier is 1, and the primary's is 2.",
      },
    ],
    [
      "on a timeline that was left",
      { timeline: 1, streaming: false },
      { timeline: 2 },
      {
        status: "failed",
        command: `${run} rebuild near --stack prod`,
        sentence: "It is on timeline 1, and the primary is on 2.",
      },
    ],
    [
      "that follows to the next timeline",
      { timeline: 1, streaming: true },
      { timeline: 2 },
      { status: "good" },
    ],
    [
      "that is blocked",
      { streaming: false, report: report("blocked", "another cluster") },
      {},
      {
        status: "failed",
        sentence: "Another cluster.",
        command: `${run} rebuild near --stack prod`,
      },
    ],
    [
      "whose replay stands still",
      { report: report("stalled", "replay stands at 0/1") },
      {},
      { status: "failed", sentence: "Replay stands at 0/1." },
    ],
  ])("%s", (_, seen, change, expected) => {
    expect(withStandby(seen, change)).toMatchObject(expected);
  });

  it("whose replay is paused goes on by a command, but not while a drill needs the pause", () => {
    const paused = { standbys: { near: { ...standby, paused: true } }, slots: { near: "s" } };
    expect(of(paused, "near")?.status).toBe("failed");
    expect(of(paused, "near")?.command).toBe(
      `docker exec laterbase-prod-near bash -c 'psql -h /run/pg/standby -U "$SUPERUSER" -d template1 -c "SELECT pg_wal_replay_resume()"'`,
    );
    const drill = { ...agent, running: [{ name: "drill", since: at }] };
    expect(of({ ...paused, agent: drill }, "near")).toEqual({
      ...{ name: "near", status: "degraded" },
      sentence: "Its replay is paused by a drill, for at most ten minutes; it is 0 B behind.",
    });
  });

  it.each([
    ["verified", "good"],
    ["unverified", "degraded"],
    ["differs", "degraded"],
  ])("whose order of text is %s is %s", (order, status) => {
    const near = { ...standby, report: report("running", "", { collation: { order } }) };
    expect(of({ standbys: { near } }, "text order of near")).toMatchObject({ status });
  });

  it("without a supervisor's report is unknown in that alone", () => {
    const near = { ...standby, report: { unknown: "No report for 2 min." } };
    expect(checks({ standbys: { near } }).slice(1)).toEqual([
      expect.objectContaining({ name: "near", status: "good" }),
      {
        ...{ name: "reports of near", status: "unknown", sentence: "No report for 2 min." },
        command: `${run} logs near --stack prod`,
      },
    ]);
  });
});

describe("archiving", () => {
  const archiver = {
    ...{ archived: 1, failed: 0, lastFailedAt: null, lastFailedWal: null },
    lastArchivedAt: "2026-11-29T11:00:00Z",
  };
  const waits = (minutes: number, up: number, change: Partial<typeof archiver> = {}) => {
    const before = (m: number) => new Date(Date.parse(at) - m * 60_000).toISOString();
    return of(
      {
        primary: { ...primary, startedAt: before(up), archiver: { ...archiver, ...change } },
        agent: { ...agent, waitingWal: { segments: 3, since: before(minutes) } },
      },
      "archiving",
    );
  };

  it("that hangs has failed, although no attempt does", () => {
    expect(waits(15, 60)).toEqual({
      ...{ name: "archiving", status: "failed", command: `${run} check --stack prod` },
      sentence:
        "WAL has waited for 15 min to be archived, and no attempt has failed: the primary keeps what is not archived, and its disk fills.",
      ...{ value: 900, unit: "seconds", threshold: 900 },
    });
    expect(waits(14, 60)).toMatchObject({ status: "good", sentence: "WAL is archived." });
  });

  it("is not late by the time in which the primary was down", () => {
    expect(waits(600, 1)).toMatchObject({ status: "good" });
  });

  it("that works off a backlog works, however old the backlog is", () => {
    expect(waits(300, 600, { lastArchivedAt: "2026-11-29T11:59:00Z" })).toMatchObject({
      ...{ status: "good", sentence: "WAL is archived." },
    });
    // What a clock that was ahead has noted says nothing.
    expect(waits(300, 600, { lastArchivedAt: "2026-12-24T00:00:00Z" })).toMatchObject({
      ...{ status: "failed", value: 18_000 },
    });
  });

  it("that has had nothing to do does not say that it works", () => {
    const none = { lastArchivedAt: null as never };
    expect(waits(1, 60, none)?.sentence).toBe("No WAL was archived yet.");
  });
});

it("a slot that a standby needs and the primary lacks", () => {
  expect(of({ slots: { near: "laterbase_near_slot" } }, "slot laterbase_near_slot")).toEqual({
    ...{ name: "slot laterbase_near_slot", status: "failed", command: up },
    sentence: "The primary has no such slot, so it may remove WAL that near needs.",
  });
});

describe("the primary's cluster", () => {
  const before = { systemIdentifier: "7", timeline: 3 };

  it.each([
    ["the same", { systemIdentifier: "7", timeline: 3 }, "good"],
    ["promoted", { systemIdentifier: "7", timeline: 4 }, "good"],
    ["set back", { systemIdentifier: "7", timeline: 2 }, "failed"],
    ["another", { systemIdentifier: "8", timeline: 3 }, "failed"],
  ])("that is %s", (_, now, status) => {
    expect(withPrimary({ ...now, before }, "cluster")).toMatchObject({ status });
  });

  it("that is another one is accepted by a person, or by a new clone", () => {
    const change = { systemIdentifier: "8", timeline: 3, before };
    const sentence =
      "The primary is another cluster than before: its system identifier is 8 and was 7. Standbys and backups belong to the former one. If the new one is not meant, bring the former one back. If it is, ";
    expect(withPrimary(change, "cluster")).toMatchObject({
      sentence: `${sentence}accept it by the command.`,
      command: `${run} accept-primary --stack prod`,
    });
    const back = { systemIdentifier: "7", timeline: 2, before };
    expect(withPrimary(back, "cluster")?.command).toBe(`${run} accept-primary --stack prod`);
    const facts = { primary: { ...primary, ...change }, standbys: { near: standby } };
    expect(of(facts, "cluster")).toMatchObject({
      sentence: `${sentence}the command clones near anew: what near holds of the former one is lost.`,
      command: `${run} rebuild near --stack prod`,
    });
  });

  it("is not judged where nobody remembers one", () => {
    expect(withPrimary({ systemIdentifier: "7", timeline: 3 }, "cluster")).toBeUndefined();
  });
});

it("a database that the configuration names and the primary lacks", () => {
  const lacking = ["Resolve Projects"];
  const found = (change: Partial<StackFacts>) =>
    of({ primary: { ...primary, lacking }, ...change }, "database Resolve Projects");
  expect(found({ agent })).toEqual({
    ...{ name: "database Resolve Projects", status: "degraded" },
    sentence: "The configuration names it, and the primary has no such database.",
    command: `${run} list-dumps 'Resolve Projects' --stack prod`,
  });
  // Without an agent there are no dumps.
  expect(found({})?.command).toBeUndefined();
});

describe("transaction ids", () => {
  const age = (percent: number, database = "app") =>
    withPrimary(
      { transactionAge: { age: percent * 20_000_000, limit: 2_000_000_000, database } },
      "transaction ids",
    );

  it.each([
    [49, "good"],
    [50, "degraded"],
    [90, "failed"],
  ])("at %i percent are %s", (percent, status) => {
    expect(age(percent)).toMatchObject({ status, value: percent, unit: "percent", threshold: 50 });
  });

  it("are freed by a command that no name can change", () => {
    expect(age(60)?.command).toBe(
      "echo 'VACUUM (FREEZE)' | npm run --silent laterbase -- shell app --stack prod",
    );
    expect(age(60, "a'; rm -rf ~ #")?.command).toContain(String.raw`shell 'a'\''; rm -rf ~ #'`);
    expect(age(60, "--as")?.command).toContain("shell '--as'");
  });
});

it("drift is named, and up repairs it", () => {
  expect(withPrimary({ drift: [] }, "settings of the primary")).toMatchObject({ status: "good" });
  expect(withPrimary({ drift: ["One.", "Two."] }, "settings of the primary")).toEqual({
    ...{ name: "settings of the primary", status: "degraded", sentence: "One. Two.", command: up },
  });
});

it("what waits for a restart is named, and a restart repairs it", () => {
  const waiting = ["huge_page_size", "max_files_per_process"];
  const sentence =
    "These wait for a restart, which puts them in force: huge_page_size, max_files_per_process.";
  expect(withPrimary({ drift: [], waiting }, "settings of the primary")).toEqual({
    ...{ name: "settings of the primary", status: "degraded", sentence },
    command: "npm run laterbase -- restart-primary --stack prod",
  });
  expect(withPrimary({ drift: ["One."], waiting }, "settings of the primary")).toMatchObject({
    ...{ sentence: `One. ${sentence}`, command: up },
  });
});

it("a change of what Laterbase sets itself is taken back by ALTER SYSTEM RESET, not put in force by a restart", () => {
  const changedOwn = ["archive_mode", "wal_level"];
  const sentence =
    "Somebody changed what Laterbase sets itself, and a restart would put it in force: archive_mode, wal_level. ALTER SYSTEM RESET takes it back.";
  const command =
    "echo 'ALTER SYSTEM RESET archive_mode; ALTER SYSTEM RESET wal_level; SELECT pg_reload_conf()' | npm run --silent laterbase -- shell postgres --stack prod";
  const name = "settings of the primary";
  expect(withPrimary({ drift: [], changedOwn, waiting: ["huge_page_size"] }, name)).toMatchObject({
    ...{ status: "degraded", command },
    sentence: `${sentence} These wait for a restart, which puts them in force: huge_page_size.`,
  });
  expect(withPrimary({ drift: ["One."], changedOwn }, name)).toMatchObject({
    ...{ sentence: `One. ${sentence}`, command: up },
  });
});

describe("clocks", () => {
  const clock = (seconds: number) => ({
    clock: { server: new Date(Date.parse(at) + seconds * 1000).toISOString(), monitor: at },
  });

  it.each([
    [3600, "It is 60 min ahead of the monitor's"],
    [-61, "It is 61 s behind the monitor's"],
  ])("that are %i s apart", (seconds, begin) => {
    const check = withPrimary(clock(seconds), "clock of primary");
    expect(check).toMatchObject({ status: "degraded", value: Math.abs(seconds), threshold: 60 });
    expect(check?.sentence.startsWith(begin)).toBe(true);
  });

  it("that are a minute apart make no noise", () => {
    expect(withPrimary(clock(60), "clock of primary")).toBeUndefined();
  });
});

describe("what ages", () => {
  const later = (days: number) => new Date(Date.parse(at) + days * 86_400_000).toISOString();
  const certificate = (days: number) =>
    of({ certificates: { pgadmin: { until: later(days) } } }, "certificate of pgadmin");

  it.each([
    [30, "good", "It is valid until 2026-12-29."],
    [29, "degraded", "It is valid until 2026-12-28."],
    [-1, "failed", "It expired on 2026-11-28."],
  ])("a certificate of %i days", (days, status, sentence) => {
    expect(certificate(days)).toMatchObject({ status, sentence, value: days, unit: "days" });
  });

  it.each([
    [-179, "good"],
    [-180, "degraded"],
  ])("images of %i days", (days, status) => {
    expect(of({ imageBuiltAt: later(days) }, "images")).toMatchObject({ status, value: -days });
  });
});

describe("the primary's supervisor", () => {
  const silent = { unknown: "Its supervisor has sent no report for 2 min." };
  const startedBefore = (seconds: number) =>
    withPrimary(
      {
        ...{ report: silent, startedAt: new Date(Date.parse(at) - seconds * 1000).toISOString() },
        clock: { server: at, monitor: at },
      },
      "reports of primary",
    );

  it("that is silent is named, and not while it has just started", () => {
    expect(startedBefore(60)).toEqual({
      ...{ name: "reports of primary", status: "unknown", sentence: silent.unknown },
      command: `${run} logs primary --stack prod`,
    });
    expect(startedBefore(59)).toBeUndefined();
  });
});

describe("disks", () => {
  const disk = (free: number, growth?: number) => {
    const disks = [{ holds: "dumps", bytes: 1000, free }];
    const known = growth === undefined ? {} : { growth: { dumps: growth } };
    return of({ agent: { ...agent, disks }, ...known }, "disk of dumps");
  };

  it.each<[string, Check | undefined, Partial<Check>]>([
    ["with room", disk(500), { status: "good", sentence: "500 B of 1.0 kB are free (50 %)." }],
    [
      "that is full in a week",
      disk(500, 80),
      {
        ...{ status: "degraded", value: 6, unit: "days", threshold: 7 },
        sentence:
          "500 B of 1.0 kB are free (50 %). At the growth of the last week it is full on 2026-12-05.",
        command: `${run} list-dumps --stack prod`,
      },
    ],
    ["that is full later", disk(500, 50), { status: "good", value: 50, unit: "percent" }],
    [
      "that shrinks",
      disk(500, -80),
      { status: "good", sentence: "500 B of 1.0 kB are free (50 %)." },
    ],
    ["with little room", disk(99), { status: "degraded", value: 9 }],
    ["without room", disk(29), { status: "failed", value: 2 }],
  ])("%s", (_, check, expected) => expect(check).toMatchObject(expected));

  it("that are full are named by the supervisors of the servers that they ended", () => {
    const full = { ...report("stalled"), disk: { bytes: 1000, free: 0 } };
    const ended = { unknown: "It is away.", down: "refused" as const, report: full };
    const found = checks({ primary: ended, standbys: { near: ended } });
    expect(found.filter(({ name }) => name.startsWith("disk of "))).toMatchObject([
      { name: "disk of primary", status: "failed", value: 0 },
      { name: "disk of near", status: "failed", value: 0 },
    ]);
  });
});

describe("the agent's jobs", () => {
  const job: JobOverview = {
    ...{ name: "dump", job: "dump", schedule: "@hourly", every: 3600 },
    due: "2026-11-29T11:00:00Z",
    success: { startedAt: "2026-11-29T11:00:00Z", endedAt: "2026-11-29T11:00:05Z" },
  };
  const knows = (change: Partial<AgentOverview>, name: string, more: Partial<StackFacts> = {}) =>
    of({ agent: { ...agent, jobs: [job], ...change }, ...more }, name);

  it("that run too long", () => {
    const running = [{ name: "dump", since: "2026-11-29T00:00:00Z" }];
    expect(knows({ running }, "dump")).toEqual({
      ...{ name: "dump", status: "degraded", sentence: "It runs for 12 h." },
      ...{ value: 12, unit: "hours", threshold: 12, since: "2026-11-29T00:00:00Z" },
      command: `${run} logs agent --stack prod`,
    });
    const shorter = [{ name: "dump", since: "2026-11-29T00:00:01Z" }];
    expect(knows({ running: shorter }, "dump")).toMatchObject({ status: "good" });
  });

  it("that no schedule starts and that run too long are named, too", () => {
    const since = "2026-11-29T00:00:00Z";
    const running = ["restore-dump", "backup full"].map((name) => ({ name, since }));
    for (const { name } of running)
      expect(knows({ running }, name)).toEqual({
        ...{ name, status: "degraded", sentence: "It runs for 12 h.", since },
        ...{ value: 12, unit: "hours", threshold: 12 },
        command: `${run} logs agent --stack prod`,
      });
    const shorter = [{ name: "restore-dump", since: "2026-11-29T00:00:01Z" }];
    expect(knows({ running: shorter }, "restore-dump")).toBeUndefined();
  });

  it("that were good in the future are not in time", () => {
    const success = { startedAt: "2027-01-01T11:00:00Z", endedAt: "2027-01-01T11:00:05Z" };
    expect(knows({ jobs: [{ ...job, success }] }, "dump")).toEqual({
      ...{ name: "dump", status: "degraded", command: `${run} dump --stack prod` },
      sentence:
        "The last good one lies in the future, at 2027-01-01 11:00 UTC: the clock of the agent's machine was wrong when it was made, or is wrong now.",
    });
  });

  it.each([
    [149, "good"],
    [150, "failed"],
  ])("are started by a scheduler whose sign is %i s old", (age, status) => {
    const beatAt = new Date(Date.parse(at) - age * 1000).toISOString();
    expect(knows({ scheduler: { beatAt } }, "scheduler")).toMatchObject({ status, value: age });
  });

  it("cannot run where the agent cannot write its folders", () => {
    expect(knows({ problem: "A folder cannot be written." }, "agent")).toEqual({
      ...{ name: "agent", status: "failed", sentence: "A folder cannot be written." },
      command: `${run} logs agent --stack prod`,
    });
  });

  it("wait for the first sign of a scheduler", () => {
    expect(knows({ scheduler: { beatAt: null } }, "scheduler")).toMatchObject({
      status: "pending",
    });
    expect(of({ agent: { ...agent, scheduler: { beatAt: null } } }, "scheduler")).toBeUndefined();
  });

  const dump = (takenAt: string, database = "app") => ({
    count: 1,
    newest: [{ id: `${database}/1`, database, takenAt, bytes: 2000, signature: "ours" as const }],
  });

  it("make dumps of each database", () => {
    expect(knows({ dumps: dump("2026-11-29T11:00:00Z") }, "dump of app")).toEqual({
      ...{ name: "dump of app", status: "good", value: 3600, unit: "seconds" },
      sentence: "The newest one is 60 min old (2.0 kB).",
    });
    expect(knows({ dumps: dump("2026-11-29T09:59:59Z") }, "dump of app")).toEqual({
      ...{ name: "dump of app", status: "degraded", value: 7201, unit: "seconds" },
      ...{ threshold: 7200, sentence: "The newest one is 2 h old." },
      command: `${run} dump app --stack prod`,
    });
  });

  it.each([
    ["2026-11-29T09:30:00Z", "good"],
    ["2026-11-29T09:29:59Z", "degraded"],
  ])("with an interval make a dump that is as old as it and the grace: %s", (takenAt, status) => {
    const jobs = [{ ...job, schedule: "@every 90m", every: 5400, due: "2026-11-29T10:30:00Z" }];
    expect(knows({ jobs, dumps: dump(takenAt) }, "dump of app")).toMatchObject({ status });
    const success = { startedAt: takenAt, endedAt: takenAt };
    expect(knows({ jobs: [{ ...jobs[0]!, success }] }, "dump")).toMatchObject({ status });
  });

  it("with an interval are due after their last run", () => {
    const success = { startedAt: "2026-11-29T09:00:00Z", endedAt: "2026-11-29T09:00:05Z" };
    const jobs = [{ ...job, every: 5400, due: "2026-11-29T10:30:00Z", success }];
    expect(knows({ jobs }, "dump")).toEqual({
      ...{ name: "dump", status: "degraded", since: "2026-11-29T10:30:00.000Z" },
      sentence: "It was due at 2026-11-29 10:30 UTC; the last good one is 2 h old.",
      command: `${run} dump --stack prod`,
    });
  });

  it.each([
    ["that began in time", "2026-11-29T10:30:00Z", "good"],
    ["that began too late", "2026-11-29T10:30:01Z", "degraded"],
    ["that runs too long", "2026-11-28T23:59:59Z", "degraded"],
  ])("make a dump late, but for a run %s", (_, since, status) => {
    const running = [{ name: "dump", since }];
    const dumps = dump("2026-11-29T08:30:00Z");
    expect(knows({ running, dumps }, "dump of app")).toMatchObject({ status });
  });

  it("that never succeeded are late from when they were scheduled", () => {
    const never = (since: string, change: Partial<JobOverview> = {}) => {
      const jobs = [{ ...without(job, "success"), next: "2026-11-29T13:00:00Z", since, ...change }];
      return knows({ jobs }, change.name ?? "dump");
    };
    expect(never("2026-11-29T11:30:00Z")).toMatchObject({ status: "pending" });
    expect(never("2026-11-29T10:59:00Z")).toMatchObject({ status: "pending" });
    expect(never("2026-11-29T09:59:00Z")).toEqual({
      ...{ name: "dump", status: "degraded", since: "2026-11-29T11:00:00.000Z" },
      sentence: "It was due at 2026-11-29 11:00 UTC, and there was none yet.",
      command: `${run} dump --stack prod`,
    });
    // Its repository says when a drill is overdue.
    expect(never("2026-11-01T00:00:00Z", { name: "drill", job: "drill" })?.status).toBe("pending");
  });

  it("leave no database without a dump unsaid", () => {
    const dumps = { count: 0, newest: [], wanted: ["app"], missing: ["app"] };
    expect(knows({ dumps }, "dump of app")).toEqual({
      ...{ name: "dump of app", status: "failed", command: `${run} dump app --stack prod` },
      sentence: "There is none any more: its dumps were deleted, or their folder is another one.",
    });
    const databases = [{ name: "other", bytes: 1, clients: 0 }];
    const gone = { primary: { ...primary, databases } };
    expect(knows({ dumps }, "dump of app", gone)).toBeUndefined();
    const problem = "The folder of the dumps cannot be read: EACCES: permission denied.";
    expect(knows({ dumps: { count: 0, newest: [], problem } }, "dumps")).toEqual({
      ...{ name: "dumps", status: "failed", sentence: problem },
      command: `${run} logs agent --stack prod`,
    });
  });

  it("say nothing of the dumps of a database that nobody wants to be dumped", () => {
    const old = dump("2026-11-01T00:00:00Z");
    expect(knows({ dumps: { ...old, wanted: ["other"] } }, "dump of app")).toBeUndefined();
    expect(knows({ dumps: { ...old, wanted: ["app"] } }, "dump of app")?.status).toBe("degraded");
  });

  it.each([
    [false, `${run} delete-dump app/2 --stack prod`],
    [true, "sudo timedatectl set-ntp true"],
  ])("made a dump of the future, the last one: %s", (isLast, command) => {
    const dumps = {
      ...dump("2026-11-29T11:00:00Z"),
      future: [{ id: "app/2", database: "app", isLast }],
    };
    expect(knows({ dumps }, "dump app/2")).toEqual({
      ...{ name: "dump app/2", status: "degraded", command },
      sentence: `It lies in the future: the clock of the agent's machine was wrong when it was made, or is wrong now. Retention removes no dump of "app" meanwhile.`,
    });
    expect(knows({ dumps }, "dump of app")).toMatchObject({ status: "good", value: 3600 });
  });

  it("say nothing of the dumps of a database that is gone", () => {
    const databases = [{ name: "other", bytes: 1, clients: 0 }];
    const gone = { primary: { ...primary, databases } };
    expect(knows({ dumps: dump("2026-11-01T00:00:00Z") }, "dump of app", gone)).toBeUndefined();
  });

  const backups: JobOverview[] = [
    { ...job, name: "backup full", job: "backup-full", every: 7 * 86_400 },
    { ...job, name: "backup incr", job: "backup-incr", every: 21_600 },
  ];
  const lastBackup = (hours: number) => ({
    ...{ label: "20261129-000000F", type: "full" },
    at: new Date(Date.parse(at) - hours * 3_600_000).toISOString(),
  });
  const newestWal = { segment: "000000010000000000000007", at: "2026-11-29T11:58:00Z" };
  const repository = (change: object, more: Partial<StackFacts> = {}) =>
    knows(
      { jobs: backups, repositories: [{ repository: 2, newestWal, ...change }] },
      ...(["repository 2", more] as const),
    );

  it.each<[string, object, Partial<StackFacts>, string, string | undefined]>([
    ["with a backup in time", { lastBackup: lastBackup(9) }, {}, "good", undefined],
    ["with an old backup", { lastBackup: lastBackup(9.1) }, {}, "degraded", "backup incr --repo 2"],
    [
      "without the WAL of a quarter of an hour",
      { lastBackup: lastBackup(1) },
      { unarchivedSince: { 2: "2026-11-29T11:45:00Z" } },
      "failed",
      "check --repo 2",
    ],
    [
      "without any WAL",
      { lastBackup: lastBackup(1), newestWal: undefined },
      {},
      "failed",
      "check --repo 2",
    ],
    [
      "without the WAL of a few minutes",
      { lastBackup: lastBackup(1) },
      { unarchivedSince: { 2: "2026-11-29T11:45:01Z" } },
      "good",
      undefined,
    ],
    [
      "that a drill did not prove",
      { lastBackup: lastBackup(1), lastDrill: { at, result: "failed" } },
      {},
      "failed",
      "drill --repo 2",
    ],
  ])("a repository %s", (_, change, more, status, words) => {
    const check = repository(change, more);
    expect([check?.status, check?.command]).toEqual([
      status,
      words && `${run} ${words} --stack prod`,
    ]);
  });

  it("a repository does not lack a backup that is being made", () => {
    const lacks = (since: string) =>
      knows(
        {
          running: [{ name: "backup full", since }],
          jobs: backups,
          repositories: [{ repository: 2, newestWal, lastBackup: lastBackup(12) }],
        },
        "repository 2",
      )?.status;
    expect([lacks("2026-11-29T09:00:00Z"), lacks("2026-11-29T09:00:01Z")]).toEqual([
      ...["good", "degraded"],
    ]);
  });

  it("a repository with a backup of the future does not know its age", () => {
    expect(repository({ lastBackup: lastBackup(-2) })).toEqual({
      ...{ name: "repository 2", status: "degraded" },
      sentence:
        "Its newest backup, 20261129-000000F, lies in the future: the clock of the agent's machine was wrong when it was made, or is wrong now.",
      command: `${run} list-backups --repo 2 --stack prod`,
    });
  });

  it("a repository says that a full backup failed where no job does", () => {
    const failedFull = { at: "2026-11-29T09:00:00Z", detail: "No answer." };
    const said = "The last full backup, of 2026-11-29 09:00 UTC, failed: No answer.";
    expect(repository({ failedFull })).toEqual({
      ...{ name: "repository 2", status: "failed" },
      sentence: `There is no backup there yet. ${said}`,
      command: `${run} backup full --repo 2 --stack prod`,
    });
    const unscheduled = (hours: number) =>
      knows(
        {
          jobs: backups.slice(1),
          repositories: [{ repository: 2, newestWal, failedFull, lastBackup: lastBackup(hours) }],
        },
        "repository 2",
      );
    expect(unscheduled(4)).toMatchObject({ status: "failed", sentence: said });
    expect(unscheduled(2)).toMatchObject({ status: "good" });
    // The job says it.
    expect(repository({ failedFull, lastBackup: lastBackup(4) })?.status).toBe("good");
  });

  it("a repository that a drill proved says so", () => {
    const lastDrill = { at: "2026-11-29T05:00:00Z", result: "success" };
    expect(repository({ lastBackup: lastBackup(1), lastDrill })?.sentence).toBe(
      "Its newest backup is 20261129-000000F, and its newest WAL of 2026-11-29 11:58 UTC. The last drill, 7 h ago, proved it.",
    );
  });
});

it("thresholds are those of the stack", () => {
  const facts = { ...stack, imageBuiltAt: "2026-11-20T00:00:00Z" };
  const strict = checksOf(facts, advice, { ...defaultThresholds, imageDays: 9 });
  expect(strict.at(-1)).toMatchObject({ name: "images", status: "degraded", threshold: 9 });
});
