import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentConfig } from "../../../contract/agentConfig";
import type { JobRecord } from "../../../contract/jobRecord";
import type { Context, Work } from "../../../scripts/agent/kit/context";
import { Failure } from "../../../scripts/agent/kit/failure";
import { outcomeOf } from "../../../scripts/agent/kit/outcome";
import { readRuns, writeRecord } from "../../../scripts/agent/kit/records";
import { jobsOverview } from "../../../scripts/agent/overview/jobs";
import { Agent } from "../../../scripts/agent/server/agent";
import { DumpsFolder } from "../../support/unit/dumpsFolder";

const hourly = { text: "0 * * * *", fields: ["0", "*", "*", "*", "*"] };

let dumps: DumpsFolder;
let context: Context;
beforeEach(() => {
  dumps = new DumpsFolder();
  const config = {
    ...{ stack: "x", timeZone: "Etc/UTC", upload: { schedule: hourly } },
    dumps: { databases: ["app"], schedule: hourly },
  } as unknown as AgentConfig;
  context = { ...dumps.context, config: config as Context["config"] };
});
afterEach(() => dumps.remove());

const record = (result: JobRecord["result"], detail: string): JobRecord => ({
  ...{ job: "upload", trigger: "schedule", result, detail },
  ...{ startedAt: "2026-11-29T11:00:00Z", endedAt: "2026-11-29T11:00:09Z" },
});
/** What the overview says of the last upload. */
const last = async (job = "upload") => {
  const jobs = await jobsOverview(context, new Date("2026-11-29T11:30:00Z"));
  return jobs.find(({ name }) => name === job)?.last?.detail;
};
/** Nobody can write there, also not root. */
const breakRecords = () => {
  rmSync(context.paths.records, { recursive: true });
  writeFileSync(context.paths.records, "");
};
const repairRecords = () => {
  rmSync(context.paths.records);
  mkdirSync(context.paths.records);
};

it("an upload whose process died is the last one, and failed", async () => {
  await writeRecord(context, record("success", "3 files."));
  const work: Work = () =>
    Promise.reject(new Failure("The process of upload was ended by SIGKILL."));
  const agent = new Agent(context, (_name, ...call) => work(...call));
  const signal = new AbortController().signal;
  await expect(
    agent.run("upload", { trigger: "schedule" }, () => undefined, signal),
  ).rejects.toThrow("The process of upload was ended by SIGKILL.");
  const written = JSON.parse(readFileSync(join(context.paths.records, "upload.json"), "utf8"));
  expect(written).toMatchObject({
    ...{ job: "upload", trigger: "schedule", result: "failed" },
    detail: "The process of upload was ended by SIGKILL.",
  });
  expect(dumps.log).toEqual([
    "upload (schedule) failed: The process of upload was ended by SIGKILL.",
  ]);
});

it("a dump of one database whose process died says nothing of the others", async () => {
  const agent = new Agent(context, () => Promise.reject(new Failure("It was ended by SIGKILL.")));
  const signal = new AbortController().signal;
  const run = (args: object) => agent.run("dump", { ...args }, () => undefined, signal);
  await expect(run({ databases: ["app"] })).rejects.toThrow("It was ended by SIGKILL.");
  await expect(run({})).rejects.toThrow("It was ended by SIGKILL.");
  const failed = {
    result: "failed",
    detail: "It was ended by SIGKILL.",
    seconds: expect.any(Number) as number,
  };
  expect(
    (await readRuns(context, "dump")).map(({ partial, databases }) => [partial, databases]),
  ).toEqual([
    [true, [{ database: "app", ...failed }]],
    [undefined, undefined],
  ]);
});

it("the record that a process wrote before it failed counts", async () => {
  const outcome = await outcomeOf(
    context,
    "upload",
    async () => {
      await writeRecord(context, record("failed", "Its own words."));
      throw new Error("the answer");
    },
    () => record("failed", "never"),
  );
  expect(outcome).toMatchObject({ record: { detail: "Its own words." } });
  expect(dumps.log).toEqual([]);
});

it("a run whose record cannot be written is known all the same, until the next one", async () => {
  await writeRecord(context, record("success", "3 files."));
  breakRecords();
  const full = () => Promise.reject(new Failure("No space."));
  await outcomeOf(context, "upload", full, () => record("failed", "No space."));
  expect(await last()).toBe("No space.");
  expect(dumps.log.at(0)).toMatch(/^the record of upload cannot be written: /);
  repairRecords();
  // Another job's says nothing of this one.
  await outcomeOf(
    context,
    "dump",
    () => Promise.resolve(1),
    () => record("failed", "never"),
  );
  expect(await last()).toBe("No space.");
  const done = await outcomeOf(
    context,
    "upload",
    () => writeRecord(context, record("success", "4 files.")).then(() => "an answer"),
    () => record("failed", "never"),
  );
  expect([done, await last()]).toEqual([{ result: "an answer" }, "4 files."]);
});

it("of two uploads the second begins after the first, and its record is not taken for the first one's", async () => {
  await writeRecord(context, record("success", "3 files."));
  const ends: { resolve: (answer: unknown) => void; reject: (error: unknown) => void }[] = [];
  const agent = new Agent(
    context,
    () => new Promise((resolve, reject) => ends.push({ resolve, reject })),
  );
  const signal = new AbortController().signal;
  const said: string[] = [];
  const upload = (trigger: string) =>
    agent.run("upload", { trigger }, (line) => said.push(line), signal);
  const first = upload("schedule").catch(sentence);
  const second = upload("operator");
  await until(() => ends.length > 0);
  // Time for the second one to begin, if it did not wait.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([ends.length, said]).toEqual([1, ["waiting for the upload under way"]]);
  ends[0]?.reject(new Failure("It was ended by SIGKILL."));
  expect(await first).toBe("It was ended by SIGKILL.");
  await until(() => ends.length > 1);
  expect(await last()).toBe("It was ended by SIGKILL.");
  await writeRecord(context, record("success", "4 files."));
  ends[1]?.resolve(undefined);
  await second;
  const runs = await readRuns(context, "upload");
  expect(runs.map(({ detail }) => detail)).toEqual([
    "3 files.",
    "It was ended by SIGKILL.",
    "4 files.",
  ]);
});

const sentence = (error: unknown) => (error as Error).message;
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a run of all whose record cannot be written", () => {
  const dump = (result: "success" | "failed", detail: string, names: string[]): JobRecord => ({
    ...{ ...record(result, detail), job: "dump", partial: true },
    databases: names.map((database) => ({ database, result, detail, seconds: 1 })),
  });
  const run = (one: JobRecord) =>
    outcomeOf(
      context,
      "dump",
      () => writeRecord(context, one).then(() => one),
      () => record("failed", "never"),
    );
  beforeEach(async () => {
    breakRecords();
    await outcomeOf(
      context,
      "dump",
      () => Promise.reject(new Failure("No space.")),
      () => ({ ...record("failed", "No space."), job: "dump" }),
    );
    repairRecords();
  });

  it("is known after a run of one database, or one that was skipped", async () => {
    await run(dump("success", "a is dumped.", ["a"]));
    expect(await last("dump")).toBe("No space.");
    const skipped: JobRecord = { ...record("skipped", "Another one."), job: "dump" };
    await run(skipped);
    expect(await last("dump")).toBe("No space.");
    await run(dump("failed", "b failed.", ["b"]));
    expect(await last("dump")).toBe("b failed.");
    await run(dump("success", "b is dumped.", ["b"]));
    expect(await last("dump")).toBe("No space.");
    await run({ ...record("success", "All of it."), job: "dump" });
    expect(await last("dump")).toBe("All of it.");
  });
});

it("gives the queue what this run did only, where its process wrote that and died", async () => {
  const of = (database: string): JobRecord => ({
    ...{ ...record("failed", `${database} failed.`), job: "dump", partial: true },
    databases: [{ database, result: "failed", detail: "", seconds: 1 }],
  });
  await writeRecord(context, of("a"));
  const outcome = await outcomeOf(
    context,
    "dump",
    async () => {
      await writeRecord(context, of("b"));
      throw new Error("It died.");
    },
    () => of("never"),
  );
  expect(outcome).toMatchObject({ record: of("b") });
  expect((outcome as { record: JobRecord }).record.databases).toHaveLength(1);
});
