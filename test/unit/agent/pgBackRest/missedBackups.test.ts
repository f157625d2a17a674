import { backupRecords } from "../../../../contract/backupRecord";
import type { JobRecord } from "../../../../contract/jobRecord";
import type { BackupJob } from "../../../../contract/pgBackRest";
import { Failure } from "../../../../scripts/agent/kit/failure";
import { BackupAttempts } from "../../../../scripts/agent/pgBackRest/attempts";
import type { Look } from "../../../../scripts/agent/pgBackRest/look";
import type { Agent } from "../../../../scripts/agent/server/agent";
import { MissedBackups } from "../../../../scripts/agent/server/missedBackups";
import type { RepositoryWatch } from "../../../../scripts/agent/server/repositoryWatch";
import type * as Rounds from "../../../support/unit/rounds";
import { roundDone } from "../../../support/unit/rounds";

const mockEnsureStanza = jest.fn();
const mockFindOpenGaps = jest.fn();
// The agent loads these late, by names that only its bundler knows.
jest.mock(
  "../../../../scripts/agent/pgBackRest/ensureStanza.js",
  () => ({ ensureStanza: mockEnsureStanza }),
  { virtual: true },
);
jest.mock(
  "../../../../scripts/agent/pgBackRest/gaps.js",
  () => ({ findOpenGaps: mockFindOpenGaps, gapSentence: () => "1 WAL segment is missing." }),
  { virtual: true },
);

// A round waits for the next one, until it is stopped.
jest.mock(
  "node:timers/promises",
  () => jest.requireActual<typeof Rounds>("../../../support/unit/rounds").waitingTimers,
);

const look = (number: number, backups: number | undefined): Look =>
  ({
    repository: { number },
    // The two more are of an older server.
    ...(backups === undefined
      ? {}
      : {
          info: { backups: new Array(backups + 2).fill({}), current: new Array(backups).fill({}) },
        }),
  }) as Look;

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const record = (job: BackupJob, minutes: number, repositories: number[]) =>
  ({
    ...{ job: backupRecords[job], result: "success", startedAt: minutesAgo(minutes).toISOString() },
    backups: repositories.map((repository) => ({ repository })),
  }) as unknown as JobRecord;

/** One round of an agent, and what it began. */
async function round(
  looks: Look[],
  { schedules = {}, records = [] as JobRecord[], busy = false, underWay = "" } = {},
) {
  const begun: unknown[] = [];
  const logged: string[] = [];
  const attempts = new BackupAttempts([1, 2]);
  for (const one of records) attempts.note(one);
  const agent = {
    context: {
      config: { timeZone: "Etc/UTC", backups: { schedules } },
      log: (sentence: string) => logged.push(sentence),
    },
    backups: {
      isBusy: busy,
      isUnderWay: (job: BackupJob) => job === underWay,
      run: (job: BackupJob, args: object) => {
        begun.push([job, args]);
        attempts.note(record(job, 0, (args as { repositories: number[] }).repositories));
        return Promise.resolve();
      },
    },
  } as unknown as Agent;
  const watch = { look: () => Promise.resolve(looks) } as unknown as RepositoryWatch;
  const stopped = new AbortController();
  const done = roundDone();
  const watching = new MissedBackups(agent, watch, attempts).watch(stopped.signal);
  await done;
  stopped.abort();
  await watching.catch(() => undefined);
  return { begun, logged };
}

beforeEach(() => {
  mockEnsureStanza.mockResolvedValue(false);
  mockFindOpenGaps.mockResolvedValue([]);
});

it("makes the first full backup where there is none, and asks no dead repository", async () => {
  const { begun } = await round([look(1, 0), look(2, undefined)]);
  expect(begun).toEqual([["full", { trigger: "start", repositories: [1] }]]);
  expect((await round([look(1, 2), look(2, 1)])).begun).toEqual([]);
  expect((await round([look(1, 0)], { busy: true })).begun).toEqual([]);
});

it("does not try a first full backup again at once that failed", async () => {
  const tried = (minutes: number) => {
    const failed = { result: "failed", endedAt: minutesAgo(minutes).toISOString() };
    const backups = [{ repository: 1, result: "failed" }];
    return { records: [{ ...record("full", minutes, []), ...failed, backups } as JobRecord] };
  };
  expect((await round([look(1, 0)], tried(5))).begun).toEqual([]);
  expect((await round([look(1, 0)], tried(20))).begun).toHaveLength(1);
});

it("makes a first full backup at once where the repository has moved since the last one", async () => {
  const records = [record("full", 5, [1])];
  expect((await round([look(1, 0)], { records })).begun).toEqual([
    ["full", { trigger: "start", repositories: [1] }],
  ]);
});

it("backs up where it can when a repository refuses the stanza", async () => {
  mockEnsureStanza.mockRejectedValue(new Failure("It belongs to another server."));
  const { begun, logged } = await round([look(1, 0), look(2, undefined)]);
  expect([begun.length, logged]).toEqual([1, ["It belongs to another server."]]);
});

it("makes a full backup after WAL was lost, and says why", async () => {
  mockFindOpenGaps.mockImplementation((_context, { number }: { number: number }) =>
    Promise.resolve(number === 2 ? [{}] : []),
  );
  const { begun, logged } = await round([look(1, 1), look(2, 1)]);
  const because = "1 WAL segment is missing.";
  expect(begun).toEqual([["full", { trigger: "archive-gap", because, repositories: [2] }]]);
  expect(logged).toEqual([`repository 2: ${because}`]);
});

describe("a full backup after WAL was lost again", () => {
  const gap = "repository 2: 1 WAL segment is missing.";
  const gapFull = (minutes: number, result = "success") => ({
    records: [
      {
        ...{ ...record("full", minutes, []), trigger: "archive-gap", result },
        backups: [{ repository: 2, result }],
      } as JobRecord,
    ],
  });

  beforeEach(() => {
    mockFindOpenGaps.mockImplementation((_context, { number }: { number: number }) =>
      Promise.resolve(number === 2 ? [{}] : []),
    );
  });

  it("waits until 24 hours after the last one that succeeded", async () => {
    const looks = [look(1, 1), look(2, 1)];
    expect(await round(looks, gapFull(23 * 60))).toEqual({
      begun: [],
      logged: [`${gap} A full backup follows 24 hours after the last one for lost WAL.`],
    });
    expect((await round(looks, gapFull(25 * 60))).begun).toHaveLength(1);
    expect((await round(looks, gapFull(20, "failed"))).begun).toHaveLength(1);
    expect((await round(looks, { records: [record("full", 20, [2])] })).begun).toHaveLength(1);
  });

  it("waits while another repository is away", async () => {
    expect(await round([look(1, undefined), look(2, 1)])).toEqual({
      begun: [],
      logged: [
        `${gap} A full backup follows when repository 1 answers: until then more WAL may be lost.`,
      ],
    });
  });
});

it("looks at the other repositories when one goes away while its WAL is listed", async () => {
  mockFindOpenGaps.mockImplementation((_context, { number }: { number: number }) =>
    number === 1 ? Promise.reject(new Failure("It is away.")) : Promise.resolve([{}]),
  );
  expect((await round([look(1, 1), look(2, 1)])).begun).toHaveLength(1);
});

it("does not make up for a check that is under way", async () => {
  const due = minutesAgo(10);
  const fields = [due.getUTCMinutes(), due.getUTCHours(), "*", "*", "*"].map(String);
  const schedules = { check: { text: "ten minutes ago", fields } };
  const records = [record("full", 300, [1, 2])];
  const looks = [look(1, 1), look(2, 1)];
  expect((await round(looks, { schedules, records })).begun).toEqual([
    ["check", { trigger: "catch-up", repositories: [1, 2] }],
  ]);
  expect(await round(looks, { schedules, records, underWay: "check" })).toEqual({
    ...{ begun: [], logged: [] },
  });
});

it("makes up for what was due, once for all that a full backup covers", async () => {
  const due = minutesAgo(10);
  const fields = [due.getUTCMinutes(), due.getUTCHours(), "*", "*", "*"].map(String);
  const schedule = { text: "ten minutes ago", fields };
  const records = [record("full", 300, [1, 2]), record("incr", 5, [1])];
  const looks = [look(1, 1), look(2, 1)];
  const both = await round(looks, { schedules: { full: schedule, incr: schedule }, records });
  expect(both.begun).toEqual([["full", { trigger: "catch-up", repositories: [1, 2] }]]);
  const incr = await round(looks, { schedules: { incr: schedule }, records });
  expect(incr.begun).toEqual([["incr", { trigger: "catch-up", repositories: [2] }]]);
});

describe("a drill that was due", () => {
  const due = minutesAgo(10);
  const fields = [due.getUTCMinutes(), due.getUTCHours(), "*", "*", "*"].map(String);
  const schedules = { drill: { text: "ten minutes ago", fields } };
  const records = [record("full", 300, [1, 2])];

  it("is made up for where there is a backup", async () => {
    expect((await round([look(1, 1), look(2, 0)], { schedules, records })).begun).toEqual([
      ["full", { trigger: "start", repositories: [2] }],
      ["drill", { trigger: "catch-up", repositories: [1] }],
    ]);
    // One that is away may have backups.
    expect((await round([look(1, 1), look(2, undefined)], { schedules, records })).begun).toEqual([
      ["drill", { trigger: "catch-up", repositories: [1, 2] }],
    ]);
  });

  it("has the time to resume replay when the agent is stopped", async () => {
    const happened: string[] = [];
    const attempts = new BackupAttempts([1]);
    attempts.note(record("full", 300, [1]));
    const agent = {
      context: { config: { timeZone: "Etc/UTC", backups: { schedules } }, log: () => undefined },
      backups: {
        isBusy: false,
        isUnderWay: () => happened.length > 0,
        run: async (_job: BackupJob, _args: object, _say: unknown, signal: AbortSignal) => {
          happened.push("begun");
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          await new Promise((resolve) => setTimeout(resolve, 50));
          happened.push("resumed");
        },
      },
    } as unknown as Agent;
    const watch = { look: () => Promise.resolve([look(1, 1)]) } as unknown as RepositoryWatch;
    const stopped = new AbortController();
    const done = roundDone();
    const watching = new MissedBackups(agent, watch, attempts).watch(stopped.signal);
    await done;
    stopped.abort();
    await watching.catch(() => happened.push("ended"));
    expect(happened).toEqual(["begun", "resumed", "ended"]);
  });
});
