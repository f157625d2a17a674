import type { JobRecord } from "../../../../contract/jobRecord";
import type { Context, Work } from "../../../../scripts/agent/kit/context";
import * as records from "../../../../scripts/agent/kit/records";
import { BackupQueue, readArgs } from "../../../../scripts/agent/pgBackRest/queue";

jest.mock("../../../../scripts/agent/kit/records", () => ({
  readRecord: jest.fn(() => Promise.resolve()),
  writeRecord: jest.fn(() => Promise.resolve()),
  readRuns: jest.fn(() => Promise.resolve([])),
}));

const context = {
  config: { backups: { stanza: "main", repositories: [{ number: 1 }, { number: 2 }] } },
  log: () => undefined,
} as unknown as Context;
const never = new AbortController().signal;
const nobody = () => undefined;

/** Work that ends when it is told to. */
function controlled() {
  const begun: string[] = [];
  const ends: ((record?: Partial<JobRecord>) => void)[] = [];
  const ended: JobRecord[] = [];
  const work: Work = (args) => {
    begun.push(String(args["job"]));
    return new Promise((resolve) =>
      ends.push((record = {}) => resolve({ result: "success", detail: "", ...record })),
    );
  };
  const queue = new BackupQueue(context, work, (record) => ended.push(record));
  return { begun, ends, ended, queue };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the queue", () => {
  it("runs a drill beside the other jobs, and not two at a time", async () => {
    const { begun, ends, queue } = controlled();
    const full = queue.run("full", { trigger: "schedule" }, nobody, never);
    const drill = queue.run("drill", { trigger: "schedule" }, nobody, never);
    const second = queue.run("drill", { trigger: "operator" }, nobody, never);
    const third = await queue.run("drill", { trigger: "catch-up" }, nobody, never);
    await turn();
    expect([begun, third.result]).toEqual([["full", "drill"], "skipped"]);
    expect(third.detail).toBe("Another drill is under way, or waits already.");
    for (const end of ends) end();
    await Promise.all([full, drill]);
    await turn();
    ends.at(-1)?.();
    await second;
    expect(begun).toEqual(["full", "drill", "drill"]);
  });

  it("runs one job after the other, and a check beside them", async () => {
    const { begun, ends, queue } = controlled();
    const said: string[] = [];
    const full = queue.run("full", { trigger: "schedule" }, nobody, never);
    const verify = queue.run("verify", { trigger: "schedule" }, (line) => said.push(line), never);
    const check = queue.run("check", { trigger: "schedule" }, nobody, never);
    await turn();
    expect([queue.isUnderWay("check"), queue.isUnderWay("incr")]).toEqual([true, false]);
    expect([begun, said, queue.isBusy]).toEqual([
      ["full", "check"],
      ["waiting for the job under way"],
      true,
    ]);
    ends[0]!();
    await full;
    await turn();
    expect(begun).toEqual(["full", "check", "verify"]);
    ends[1]!();
    ends[2]!();
    await Promise.all([verify, check]);
    expect([queue.isBusy, queue.isUnderWay("check")]).toEqual([false, false]);
  });

  it("does not begin a scheduled job twice, and gives a person one of their own", async () => {
    const { begun, ends, ended, queue } = controlled();
    const first = queue.run("incr", { trigger: "schedule" }, nobody, never);
    const second = await queue.run("incr", { trigger: "schedule" }, nobody, never);
    expect([second.result, second.detail]).toEqual([
      "skipped",
      "Another incr backup is under way, or waits already.",
    ]);
    expect(ended).toEqual([second]);
    const mine = queue.run("incr", { trigger: "operator" }, nobody, never);
    ends[0]!();
    await first;
    await turn();
    ends[1]!();
    expect((await mine).result).toBe("success");
    expect(begun).toEqual(["incr", "incr"]);
  });

  it("fails with the record's sentence, or gives the record to those who ask for it", async () => {
    const failed = { result: "failed", detail: "It is away." } as const;
    const one = controlled();
    const run = one.queue.run("full", {}, nobody, never);
    await turn();
    one.ends[0]!(failed);
    await expect(run).rejects.toThrow("It is away.");
    const asked = one.queue.run("full", { record: true }, nobody, never);
    await turn();
    one.ends[1]!(failed);
    expect(await asked).toMatchObject(failed);
  });

  it("writes the record of a process that died, and goes on", async () => {
    const written = jest.mocked(records.writeRecord);
    const works = [
      () => Promise.reject(new Error("The process ended.")),
      () => Promise.resolve({ result: "success" }),
    ];
    const queue = new BackupQueue(context, () => works.shift()!());
    await expect(queue.run("full", {}, nobody, never)).rejects.toThrow("The process ended.");
    expect(written.mock.lastCall?.[1]).toMatchObject({
      ...{ job: "backup-full", trigger: "operator", result: "failed" },
      detail: "The process ended.",
    });
    expect(await queue.run("full", {}, nobody, never)).toEqual({ result: "success" });
  });

  it("writes for which repositories a run was whose process died", async () => {
    const written = jest.mocked(records.writeRecord);
    const queue = new BackupQueue(context, () => Promise.reject(new Error("The process ended.")));
    const seconds = expect.any(Number) as number;
    const results = [{ repository: 2, result: "failed", detail: "The process ended.", seconds }];
    for (const [job, into] of [
      ["full", "backups"],
      ["verify", "repositories"],
    ] as const) {
      await expect(queue.run(job, { repo: 2 }, nobody, never)).rejects.toThrow();
      expect(written.mock.lastCall?.[1][into]).toEqual(results);
      expect(written.mock.lastCall?.[1].partial).toBe(true);
    }
    // All of them: each one that works shows that.
    for (const args of [{}, { repositories: [1, 2] }]) {
      await expect(queue.run("full", args, nobody, never)).rejects.toThrow();
      const { backups, partial } = written.mock.lastCall![1];
      expect([backups?.map(({ repository }) => repository), partial]).toEqual([[1, 2], undefined]);
    }
  });
});

it("writes of a run that was stopped that each repository is due again", async () => {
  const written = jest.mocked(records.writeRecord);
  const stopped = new AbortController();
  const queue = new BackupQueue(context, () => {
    stopped.abort();
    return Promise.reject(new Error("It was ended by SIGKILL."));
  });
  const run = queue.run("drill", { trigger: "schedule" }, nobody, stopped.signal);
  await expect(run).rejects.toThrow("It was ended by SIGKILL.");
  expect(written.mock.lastCall?.[1].drills).toMatchObject([
    { repository: 1, result: "failed", code: 63 },
    { repository: 2, result: "failed", code: 63 },
  ]);
});

describe("arguments", () => {
  it("name the repositories by their numbers", () => {
    expect(readArgs(context, "full", { repo: "2", trigger: "schedule" })).toEqual({
      ...{ job: "full", trigger: "schedule", repositories: [2] },
    });
    expect(readArgs(context, "check", { repositories: [1, 2] }).repositories).toEqual([1, 2]);
    expect(readArgs(context, "incr", {})).toEqual({ job: "incr", trigger: "operator" });
    expect(readArgs(context, "check", {})).toEqual({ job: "check", trigger: "schedule" });
  });

  it.each([
    [{ repo: "x" }, "A repository is given by its number, such as 1."],
    [{ repo: "--stanza=other" }, "A repository is given by its number, such as 1."],
    [{ repo: 3 }, "There is no repository 3: choose from 1, 2."],
    [{ trigger: "cron" }, /^A job's trigger is one of schedule, /],
  ])("%j is refused", (args, sentence) => {
    expect(() => readArgs(context, "full", args)).toThrow(sentence);
  });
});
