import type { JobRecord } from "../../../contract/jobRecord";
import { readRecord, readRuns, writeRecord } from "../../../scripts/agent/kit/records";
import { LastDrills } from "../../../scripts/agent/pgBackRest/lastDrill";
import type { Context } from "../../../scripts/agent/kit/context";
import { DumpsFolder } from "../../support/unit/dumpsFolder";

let dumps: DumpsFolder;
let context: Context;
beforeEach(() => {
  dumps = new DumpsFolder();
  const backups = { repositories: [{ number: 1 }, { number: 2 }] };
  context = { ...dumps.context, config: { ...dumps.context.config, backups } as never };
});
afterEach(() => dumps.remove());

type Ends = Record<string, "success" | "failed">;
const resultOf = (ends: Ends): Pick<JobRecord, "result" | "detail"> => ({
  result: Object.values(ends).includes("failed") ? "failed" : "success",
  detail: `run of ${Object.keys(ends).join(" ")}`,
});
const times = (minute: number) => ({
  startedAt: `2026-11-21T03:0${minute}:00Z`,
  endedAt: `2026-11-21T03:0${minute}:01Z`,
});
const one = (name: string, result: "success" | "failed") => ({
  ...{ result, detail: `${name} ${result}.`, seconds: 1 },
});

/** A dump that began at a minute. */
const dump = (minute: number, ends: Ends, partial?: true): JobRecord => ({
  ...{ job: "dump", trigger: "operator", ...resultOf(ends), ...times(minute) },
  ...(partial ? { partial } : {}),
  databases: Object.entries(ends).map(([name, end]) => ({ database: name, ...one(name, end) })),
});
const verify = (ends: Ends, partial?: true): JobRecord => ({
  ...{ job: "verify-backups", trigger: "operator", ...resultOf(ends), ...times(0) },
  ...(partial ? { partial } : {}),
  repositories: Object.entries(ends).map(([name, end]) => ({
    ...{ repository: Number(name), ...one(name, end) },
    invalidBackups: end === "failed" ? [`${name}F`] : [],
  })),
});
const killed: JobRecord = {
  ...{ job: "dump", trigger: "schedule", result: "failed", ...times(0) },
  detail: "It was ended by SIGKILL.",
};

/** Writes the runs, one after the other. What counts after the last one. */
async function after(...runs: JobRecord[]): Promise<JobRecord | undefined> {
  for (const run of runs) await writeRecord(context, run);
  return runs[0] && readRecord(context, runs[0].job);
}

describe("a job that failed in several places", () => {
  const both = dump(0, { a: "failed", b: "failed" });

  it("has failed until each of them works", async () => {
    expect(await after(both, dump(1, { a: "success" }, true))).toMatchObject({
      ...{ result: "failed", detail: '"b": b failed.', trigger: "operator", ...times(0) },
      databases: [
        { database: "b", result: "failed" },
        { database: "a", result: "success" },
      ],
    });
    const good = dump(2, { b: "success" }, true);
    expect(await after(good)).toEqual(good);
  });

  it("keeps its words while all of it fails", async () => {
    expect(await after(both, dump(1, { c: "success" }, true))).toMatchObject({
      ...{ result: "failed", detail: "run of a b" },
    });
  });

  it("is known by the last failure, and what else fails is not forgotten", async () => {
    expect(await after(both, dump(1, { b: "failed" }, true))).toMatchObject({
      ...{ result: "failed", detail: "run of b", ...times(1) },
      databases: [{ database: "a" }, { database: "b" }],
    });
    expect((await after(dump(2, { b: "success" }, true)))?.detail).toBe('"a": a failed.');
    expect((await after(dump(3, { a: "success" }, true)))?.result).toBe("success");
  });

  it("is not known any more by a server that was away at the start", async () => {
    const away = { ...killed, trigger: "start" as const, partial: true as const };
    const known = await after(dump(0, { a: "success", b: "failed" }), away);
    expect([known?.detail, known?.databases?.length]).toEqual([killed.detail, 2]);
    expect(await after(dump(1, { c: "success" }, true))).toMatchObject({
      ...{ result: "failed", detail: '"b": b failed.' },
    });
  });

  it("keeps each run in its log as it was", async () => {
    const run = dump(1, { a: "success" }, true);
    await after(both, run);
    expect(await readRuns(context, "dump")).toEqual([both, run]);
  });
});

it("what a verify found in one repository outlives the verify of another one", async () => {
  const invalid = async () =>
    (await readRecord(context, "verify-backups"))?.repositories?.map((found) => [
      found.repository,
      found.invalidBackups,
    ]);
  await after(verify({ 1: "failed", 2: "failed" }), verify({ 1: "failed" }, true));
  expect(await invalid()).toEqual([
    [2, ["2F"]],
    [1, ["1F"]],
  ]);
  expect((await after(verify({ 1: "success" }, true)))?.detail).toBe("Repository 2: 2 failed.");
  expect(await invalid()).toEqual([
    [2, ["2F"]],
    [1, []],
  ]);
});

describe("a run of all that failed before it got to a database", () => {
  it("has failed until a run of all", async () => {
    expect(await after(killed, dump(1, { a: "success" }, true))).toMatchObject({
      ...{ result: "failed", detail: killed.detail },
    });
    // Also where it was in the middle of nothing that it could name.
    const none = { ...killed, databases: [] };
    expect((await after(none, dump(1, { a: "success" }, true)))?.result).toBe("failed");
    const good = dump(2, { a: "success" });
    expect(await after(good)).toEqual(good);
  });

  it("has failed also after a database that failed and works again", async () => {
    await after(killed, dump(1, { a: "failed" }, true));
    expect(await after(dump(2, { a: "success" }, true))).toMatchObject({
      ...{ result: "failed", detail: killed.detail },
    });
    expect((await after(dump(3, { a: "success" })))?.result).toBe("success");
  });

  it("is over with any run that works, where it was not of all", async () => {
    const partial = { ...killed, partial: true as const };
    expect((await after(partial, dump(1, { a: "success" }, true)))?.result).toBe("success");
  });
});

it("a drill is none once the clock is set back behind it", async () => {
  const drill = {
    ...{ job: "drill", trigger: "schedule", result: "success", detail: "Proven.", ...times(0) },
    drills: [{ repository: 1, result: "success", detail: "Proven." }],
  } as unknown as JobRecord;
  const drills = new LastDrills(context);
  await after(drill);
  expect(await drills.read()).toHaveLength(1);
  const clock = jest.spyOn(Date, "now").mockReturnValue(Date.parse(drill.endedAt) - 86_400_000);
  expect(await drills.read()).toEqual([]);
  clock.mockRestore();
});

it("the last drills are read again after a drill of one repository", async () => {
  const drill = (ends: Ends, partial?: true) =>
    ({
      ...{ job: "drill", trigger: "operator", ...resultOf(ends), ...times(0) },
      ...(partial ? { partial } : {}),
      drills: Object.entries(ends).map(([name, end]) => ({
        ...{ repository: Number(name), ...one(name, end) },
      })),
    }) as unknown as JobRecord;
  const drills = new LastDrills(context);
  const results = async () => (await drills.read()).map(({ result }) => result);
  await after(drill({ 1: "failed", 2: "failed" }));
  expect(await results()).toEqual(["failed", "failed"]);
  // A file system may count in hundredths of a second.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await after(drill({ 1: "success" }, true));
  expect(await results()).toEqual(["success", "failed"]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await after(drill({ 2: "success" }, true));
  expect(await results()).toEqual(["success", "success"]);
  expect((await readRecord(context, "drill"))?.result).toBe("success");
});
