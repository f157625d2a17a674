import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentConfig } from "../../../contract/agentConfig";
import type { DatabaseResult } from "../../../contract/jobRecord";
import type { CronFields, Schedule } from "../../../contract/schedule";
import { noteDatabases } from "../../../scripts/agent/dump/wanted";
import type { Context } from "../../../scripts/agent/kit/context";
import { nextDue } from "../../../scripts/agent/kit/schedule";
import { scheduledJobs } from "../../../scripts/agent/overview/jobs";
import { newestDumps } from "../../../scripts/agent/overview/newestDumps";
import { disksOf, overview } from "../../../scripts/agent/overview/overview";
import { noteScheduled, scheduledSince } from "../../../scripts/agent/overview/scheduledSince";
import { Agent } from "../../../scripts/agent/server/agent";
import { Running } from "../../../scripts/agent/server/running";
import { DumpsFolder } from "../../support/unit/dumpsFolder";

const schedule = (text: string): Schedule => ({ text, fields: text.split(" ") as CronFields });

let dumps: DumpsFolder;
beforeEach(() => (dumps = new DumpsFolder()));
afterEach(() => dumps.remove());

it("the next run is the first one after now, also where the clock jumps", () => {
  const next = (text: string, now: string, zone = "Europe/London") =>
    nextDue(schedule(text), zone, new Date(now))?.toISOString();
  expect(next("0 * * * *", "2026-06-01T12:00:00Z")).toBe("2026-06-01T13:00:00.000Z");
  expect(next("30 2 * * *", "2026-06-01T12:00:00Z")).toBe("2026-06-02T01:30:00.000Z");
  expect(next("0 3 * * 1-5", "2026-06-05T12:00:00Z")).toBe("2026-06-08T02:00:00.000Z");
  expect(nextDue({ text: "@every 2h", every: 7200 }, "Etc/UTC", new Date())).toBeUndefined();
});

it("the jobs are those that the scheduler starts", () => {
  const config = {
    dumps: { schedule: schedule("0 * * * *"), databases: ["app"] },
    upload: { schedule: schedule("15 * * * *") },
    backups: {
      repositories: [{ number: 1 }],
      schedules: {
        drill: schedule("0 5 * * *"),
        full: schedule("0 2 * * 0"),
        maintenance: schedule("45 * * * *"),
      },
    },
  } as unknown as AgentConfig;
  const names = (all: AgentConfig) => scheduledJobs(all).map(({ name, job }) => [name, job]);
  expect(names(config)).toEqual([
    ["dump", "dump"],
    ["upload", "upload"],
    ["backup full", "backup-full"],
    ["drill", "drill"],
    ["maintenance", "maintain-backups"],
  ]);
  // No databases: the stack makes no dumps. No repositories: archiving is off.
  const none = {
    ...config,
    dumps: { ...config.dumps!, databases: [] },
    backups: { ...config.backups!, repositories: [] },
  };
  expect(names(none)).toEqual([["upload", "upload"]]);
});

it("the newest dump of each database is found by the names of folders", async () => {
  dumps.add("app/20261121T030000Z", "app", "2026-11-21T03:00:00.000Z");
  dumps.add("app/20261122T030000Z", "app", "2026-11-22T03:00:00.000Z", "changed");
  mkdirSync(join(dumps.backups, "app/20261123T030000Z"));
  dumps.add("other/20261120T030000Z", "other", "2026-11-20T03:00:00.000Z");
  mkdirSync(join(dumps.backups, "empty"));
  expect(await newestDumps(dumps.context)).toEqual({
    count: 4,
    newest: [
      {
        id: "app/20261122T030000Z",
        database: "app",
        takenAt: "2026-11-22T03:00:00.000Z",
        bytes: 15,
        signature: "changed",
      },
      {
        id: "other/20261120T030000Z",
        database: "other",
        takenAt: "2026-11-20T03:00:00.000Z",
        bytes: 17,
        signature: "ours",
      },
    ],
  });
});

describe("the dumps that a run has made", () => {
  const result = (database: string, end: DatabaseResult["result"] = "success") => ({
    ...{ database, result: end, detail: "", seconds: 1 },
  });
  const known = (databases: string[] | "*" = "*") => {
    const config = { ...dumps.context.config, dumps: { databases } };
    return newestDumps({ ...dumps.context, config } as unknown as Context);
  };

  it("are missing when they are gone", async () => {
    await noteDatabases(dumps.context, [result("app"), result("new", "failed")], false);
    expect(await known()).toEqual({
      ...{ count: 0, newest: [], wanted: ["app", "new"], missing: ["app"] },
    });
    // One that nobody wants any more is not missing.
    expect(await known(["new"])).toEqual({ count: 0, newest: [], wanted: ["new"] });
    dumps.add("app/20261121T030000Z", "app", "2026-11-21T03:00:00.000Z");
    expect((await known()).missing).toBeUndefined();
  });

  it("are not those of a run that got to none, and also those that were asked for by their names", async () => {
    await noteDatabases(dumps.context, [result("app"), result("old")], false);
    await noteDatabases(dumps.context, [], false);
    await noteDatabases(dumps.context, [result("new"), result("typo", "failed")], true);
    const seen = await known();
    expect([seen.wanted, seen.missing]).toEqual([
      ["app", "old", "new"],
      ["app", "old", "new"],
    ]);
    await noteDatabases(dumps.context, [result("app", "failed"), result("new")], false);
    const later = await known();
    expect([later.wanted, later.missing]).toEqual([
      ["app", "new"],
      ["app", "new"],
    ]);
  });

  it("may be there where their folder cannot be read", async () => {
    await noteDatabases(dumps.context, [result("app")], false);
    rmSync(dumps.backups, { recursive: true });
    expect(await known()).toEqual({
      ...{ count: 0, newest: [], wanted: ["app"] },
      problem: expect.stringMatching(/^The folder of the dumps cannot be read: .*ENOENT: .*\.$/),
    });
  });
});

it("a dump of the future is not the newest one", async () => {
  const now = new Date("2026-11-22T12:00:00Z");
  dumps.add("app/20261122T030000Z", "app", "2026-11-22T03:00:00.000Z");
  for (const day of [1, 2, 3, 4, 5, 6]) {
    dumps.add(`app/2027010${day}T030000Z`, "app", `2027-01-0${day}T03:00:00.000Z`);
  }
  const { count, newest, future } = await newestDumps(dumps.context, now);
  expect([count, newest.map(({ id }) => id)]).toEqual([7, ["app/20261122T030000Z"]]);
  expect(future).toEqual([{ id: "app/20270106T030000Z", database: "app", isLast: true }]);
});

it("knows since when a job is scheduled, also after another start", async () => {
  const { context } = dumps;
  const at = (minute: number) => new Date(`2026-11-29T11:${minute}:00Z`);
  await noteScheduled(context, [{ job: "dump" }], at(10));
  await noteScheduled(context, [{ job: "dump" }, { job: "upload" }], at(20));
  expect(await scheduledSince(context, at(30))).toEqual({
    ...{ dump: at(10).toISOString(), upload: at(20).toISOString() },
  });
  await noteScheduled(context, [{ job: "upload" }], at(40));
  expect(await scheduledSince(context, at(50))).toEqual({ upload: at(20).toISOString() });
  // The clock was wrong when it was noted.
  expect(await scheduledSince(context, at(10))).toEqual({});
});

describe("a full backup that failed", () => {
  const repositories = [{ repository: 1 }, { repository: 2 }];
  const endedAt = "2026-11-29T11:00:09Z";
  const seen = async (backups: object[] | undefined, result = "failed") => {
    const { context } = dumps;
    const record = { job: "backup-full", result, detail: "No answer.", endedAt, backups };
    writeFileSync(join(context.paths.records, "backup-full.json"), JSON.stringify(record));
    writeFileSync(join(context.paths.run, "status"), JSON.stringify({ repositories }));
    const config = { ...context.config, timeZone: "Etc/UTC" };
    config.dumps = { ...config.dumps, databases: [] };
    return (await overview({ context: { ...context, config }, running: () => [] })).repositories;
  };
  const result = (repository: number, end: string, code?: number) => ({
    ...{ repository, result: end, detail: `Of ${repository}.`, seconds: 1 },
    ...(code === undefined ? {} : { code }),
  });

  it("is said of its repository, also where none is scheduled", async () => {
    expect(await seen([result(1, "success"), result(2, "failed", 82)])).toEqual([
      { repository: 1 },
      { repository: 2, failedFull: { at: endedAt, detail: "Of 2." } },
    ]);
  });

  it("before it got to a repository is said of all", async () => {
    const failedFull = { at: endedAt, detail: "No answer." };
    expect(await seen(undefined)).toEqual(repositories.map((one) => ({ ...one, failedFull })));
  });

  it("is not one that was stopped, nor one that succeeded", async () => {
    expect(await seen([result(1, "failed", 63)])).toEqual(repositories);
    expect(await seen(undefined, "success")).toEqual(repositories);
  });
});

it("shows what was recorded, what runs, and what the last look at the repositories found", async () => {
  const { context } = dumps;
  for (const folder of [context.paths.records, context.paths.run])
    mkdirSync(folder, { recursive: true });
  const record = {
    job: "dump",
    trigger: "schedule",
    startedAt: "2026-11-29T11:00:01Z",
    endedAt: "2026-11-29T11:00:09Z",
  };
  const failed = {
    ...record,
    result: "failed",
    detail: "No room.",
    databases: [{ database: "app" }],
  };
  writeFileSync(join(context.paths.records, "dump.json"), JSON.stringify(failed));
  const success = {
    ...record,
    result: "success",
    detail: "Good.",
    startedAt: "2026-11-29T10:00:01Z",
    endedAt: "2026-11-29T10:00:05Z",
  };
  writeFileSync(join(context.paths.records, "dump.success.json"), JSON.stringify(success));
  const status = {
    state: "running",
    repositories: [{ repository: 1 }],
    waitingWal: { segments: 0 },
  };
  writeFileSync(join(context.paths.run, "status"), JSON.stringify(status));
  const config = {
    ...context.config,
    timeZone: "Etc/UTC",
    dumps: { ...context.config.dumps, databases: ["app"], schedule: schedule("0 * * * *") },
  };
  const running = [{ name: "drill", since: "2026-11-29T11:20:00Z" }];
  const seen = await overview(
    { context: { ...context, config }, running: () => running },
    new Date("2026-11-29T11:30:00Z"),
  );
  expect(seen).toEqual({
    ...{ at: "2026-11-29T11:30:00.000Z", timeZone: "Etc/UTC", running },
    jobs: [
      {
        ...{ name: "dump", job: "dump", schedule: "0 * * * *", every: 3600 },
        ...{ due: "2026-11-29T11:00:00.000Z", next: "2026-11-29T12:00:00.000Z" },
        last: {
          trigger: "schedule",
          startedAt: record.startedAt,
          endedAt: record.endedAt,
          result: "failed",
          detail: "No room.",
        },
        success: { startedAt: success.startedAt, endedAt: success.endedAt },
      },
    ],
    dumps: { count: 0, newest: [], wanted: ["app"] },
    repositories: [{ repository: 1 }],
    waitingWal: { segments: 0 },
    disks: [{ holds: "dumps, records", bytes: expect.any(Number), free: expect.any(Number) }],
  });
});

it("says why the agent cannot work, and nothing while it can", async () => {
  const { context } = dumps;
  const config = { ...context.config, timeZone: "Etc/UTC" };
  config.dumps = { ...config.dumps, databases: [] };
  const seen = async (state: string) => {
    writeFileSync(join(context.paths.run, "status"), JSON.stringify({ state, detail: "Why." }));
    return (await overview({ context: { ...context, config }, running: () => [] })).problem;
  };
  expect([await seen("failed"), await seen("running"), await seen("starting")]).toEqual([
    ...["Why.", undefined, undefined],
  ]);
});

it("says when the scheduler gave its last sign, only where there is a monitor", async () => {
  const { context } = dumps;
  const config = { ...context.config, timeZone: "Etc/UTC" };
  config.dumps = { ...config.dumps, databases: [] };
  const seen = async (more: object) => {
    const asked = { context: { ...context, config: { ...config, ...more } }, running: () => [] };
    return (await overview(asked)).scheduler;
  };
  const monitored = { overview: { port: 8082 } };
  expect(await seen({})).toBeUndefined();
  expect(await seen(monitored)).toEqual({ beatAt: null });
  const beat = join(context.paths.run, "scheduler");
  writeFileSync(beat, "");
  utimesSync(beat, new Date(0), new Date("2026-11-29T11:59:00Z"));
  expect(await seen(monitored)).toEqual({ beatAt: "2026-11-29T11:59:00.000Z" });
  expect(await seen({})).toBeUndefined();
});

it("counts a file system once, and leaves out what cannot be asked", async () => {
  const [disk, ...more] = await disksOf({
    one: dumps.backups,
    two: dumps.backups,
    gone: "/nowhere",
  });
  expect([disk?.holds, more]).toEqual(["one, two", []]);
  expect(disk!.bytes).toBeGreaterThan(disk!.free);
});

it("counts the disk of a repository where it is another one", async () => {
  const { dev } = statSync(dumps.backups);
  const far = [1, 2, 3].map((number) => ({
    ...{ dev: number === 1 ? dev : -1, holds: `repository ${number}` },
    ...{ bytes: 1000, free: 10 },
  }));
  expect((await disksOf({ one: dumps.backups }, far)).map(({ holds }) => holds)).toEqual([
    "one",
    "repository 2, repository 3",
  ]);
});

it("knows work while it runs, and no look", async () => {
  const running = new Running();
  const done: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => done.push(resolve));
  const all = [
    running.during("backup", { type: "full" }, work()),
    running.during("list-dumps", {}, work()),
    running.during("check-backups", {}, work()),
  ];
  expect(running.list().map(({ name }) => name)).toEqual(["backup full", "check"]);
  done.forEach((end) => end());
  await Promise.all(all);
  expect(running.list()).toEqual([]);
  await expect(running.during("dump", {}, Promise.reject(new Error("x")))).rejects.toThrow("x");
  expect(running.list()).toEqual([]);
});

it("knows for how long work runs, also where the clock was set meanwhile", async () => {
  const begun = Date.parse("2026-11-30T12:00:00Z");
  let elapsed = 0;
  const running = new Running(() => elapsed);
  const clock = jest.spyOn(Date, "now").mockReturnValue(begun);
  jest.useFakeTimers({ now: begun });
  let end = () => {};
  const work = running.during("dump", {}, new Promise<void>((resolve) => (end = resolve)));
  jest.useRealTimers();
  clock.mockRestore();
  const since = (now: number) => running.list(now)[0]?.since;
  const hour = 3_600_000;
  elapsed = hour;
  // A clock is never exact.
  expect(since(begun + hour + 30_000)).toBe("2026-11-30T12:00:00.000Z");
  expect(since(begun - 24 * hour)).toBe("2026-11-29T11:00:00.000Z");
  elapsed = 2 * hour;
  expect(since(begun - 23 * hour)).toBe("2026-11-29T11:00:00.000Z");
  expect(since(begun + 2 * hour)).toBe("2026-11-30T12:00:00.000Z");
  end();
  await work;
});

it("knows the backups and checks that the agent begins by itself, and each once", async () => {
  const config = { ...dumps.context.config, backups: { repositories: [{ number: 1 }] } };
  const seen: string[][] = [];
  const agent: Agent = new Agent({ ...dumps.context, config } as unknown as Context, (...call) => {
    seen.push(agent.running().map(({ name }) => name));
    const record = { job: "backup-full", result: "success", startedAt: "", detail: call[0] };
    return new Promise((resolve) =>
      setTimeout(() => {
        seen.push(agent.running().map(({ name }) => name));
        resolve(record);
      }),
    );
  });
  const rest = [() => undefined, new AbortController().signal] as const;
  await agent.backups.run("full", { trigger: "start", repositories: [1] }, ...rest);
  await agent.backups.run("check", { trigger: "catch-up", repositories: [1] }, ...rest);
  await agent.run("backup", { trigger: "schedule", type: "full" }, ...rest);
  expect(seen).toEqual([[], ["backup full"], [], ["check"], ["backup full"], ["backup full"]]);
  expect(agent.running()).toEqual([]);
});
