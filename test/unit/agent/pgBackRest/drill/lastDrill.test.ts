import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobRecord } from "../../../../../contract/jobRecord";
import {
  drillNote,
  drillProblem,
  drillsSince,
  isDrillUnderWay,
  lastDrills,
  noteSchedule,
} from "../../../../../scripts/agent/pgBackRest/lastDrill";
import type { Context } from "../../../../../scripts/agent/kit/context";

const run = (endedAt: string, more: object): JobRecord =>
  ({
    job: "drill",
    result: "success",
    detail: "All of it.",
    endedAt,
    ...more,
  }) as unknown as JobRecord;
const of = (repository: number, result: string, more = {}) => ({
  ...{ repository, result, detail: `${repository} ${result}.` },
  ...more,
});

const monday = "2026-11-02T05:00:20.000Z";
const tuesday = "2026-11-03T05:00:20.000Z";
const wednesday = "2026-11-04T05:00:20.000Z";

describe("the last drill", () => {
  it("is that of each repository that came to an end", () => {
    const runs = [
      run(monday, { drills: [of(1, "success"), of(2, "failed")] }),
      run(tuesday, { drills: [of(1, "failed")] }),
      // Stopped, skipped, or of a clock that was wrong.
      run(wednesday, { drills: [of(1, "failed", { code: 63 })] }),
      run(wednesday, { result: "skipped" }),
      run("2999-01-01T00:00:00.000Z", { drills: [of(1, "success")] }),
    ];
    expect(lastDrills(runs, [1, 2, 3])).toEqual([
      { repository: 1, at: tuesday, result: "failed", detail: "1 failed." },
      { repository: 2, at: monday, result: "failed", detail: "2 failed." },
    ]);
  });

  it("says how long it took until a server had everything", () => {
    const recovery = { restoreSeconds: 8.5, replaySeconds: 3.25, segments: 2, walBytes: 99 };
    const drills = [of(1, "success", { recovery }), of(2, "failed", { recovery })];
    expect(lastDrills([run(monday, { drills })], [1, 2])).toEqual([
      {
        repository: 1,
        at: monday,
        result: "success",
        detail: "1 success.",
        recoverySeconds: 11.75,
      },
      { repository: 2, at: monday, result: "failed", detail: "2 failed.", recoverySeconds: 11.75 },
    ]);
  });

  it("says how much was restored, where a server answered", () => {
    const recovery = { restoreSeconds: 8.5, replaySeconds: 3.25, segments: 2, walBytes: 99 };
    const backup = { label: "20261102-020000F", type: "full", endedAt: monday, bytes: 4_200_000 };
    const drills = [of(1, "success", { recovery, backup }), of(2, "failed", { backup })];
    expect(lastDrills([run(monday, { drills })], [1, 2]).map(({ bytes }) => bytes)).toEqual([
      4_200_000,
      undefined,
    ]);
  });

  it("counts for all of them where it got to none", () => {
    const runs = [run(monday, { result: "failed", detail: "It died." })];
    expect(lastDrills(runs, [1, 2]).map(({ detail }) => detail)).toEqual(["It died.", "It died."]);
  });
});

describe("a check", () => {
  const daily = { text: "0 5 * * *", fields: ["0", "5", "*", "*", "*"] };
  const context = {
    config: { timeZone: "Etc/UTC", backups: { schedules: { drill: daily } } },
  } as unknown as Context;
  const last = (at: string, result: "success" | "failed" = "success") => ({
    ...{
      repository: 1,
      at,
      result,
      detail: "The WAL segment 000000010000000000000007 is missing.",
    },
  });
  const october = "2026-10-01T00:00:00.000Z";
  const known = { since: october, isUnderWay: false };
  const problem = (drill: ReturnType<typeof last> | undefined, backup: string, now: string) =>
    drillProblem(context, { ...known, last: drill, oldestBackup: backup }, new Date(now));

  it("says that the last drill failed, and why", () => {
    expect(problem(last(monday, "failed"), october, "2026-11-02T06:00:00Z")).toBe(
      "The last drill, of 2026-11-02T05:00:20Z, failed: The WAL segment 000000010000000000000007 is missing.",
    );
  });

  it("says that one is overdue, six hours after it was due", () => {
    expect(problem(last(monday), october, "2026-11-03T10:59:00Z")).toBeUndefined();
    expect(problem(last(monday), october, "2026-11-03T11:01:00Z")).toBe(
      "The drill that was due at 2026-11-03T05:00:00Z is overdue. The last one was of 2026-11-02T05:00:20Z.",
    );
    expect(problem(undefined, october, "2026-11-03T11:01:00Z")).toBe(
      "The drill that was due at 2026-11-03T05:00:00Z is overdue. There was none yet.",
    );
  });

  it("expects none before there was a backup", () => {
    expect(problem(undefined, "2026-11-03T06:00:00Z", "2026-11-03T23:00:00Z")).toBeUndefined();
    expect(drillProblem(context, known)).toBeUndefined();
  });

  it("expects none before there was a schedule, and none while one is under way", () => {
    const overdue = { ...known, oldestBackup: october };
    const now = new Date("2026-11-03T11:01:00Z");
    const all = [
      overdue,
      // The agent is of this morning, or does not know since when there is a schedule.
      { ...overdue, since: "2026-11-03T06:00:00.000Z" },
      { ...overdue, since: undefined },
      { ...overdue, isUnderWay: true },
    ];
    expect(all.map((one) => drillProblem(context, one, now) === undefined)).toEqual([
      ...[false, true, true, true],
    ]);
  });

  it("names what the last drill did not prove", () => {
    const proofs = Object.fromEntries(
      ["restore", "replay", "rows", "pages"].map((name, n) => [
        name,
        { result: n < 2 ? "proven" : "unproven" },
      ]),
    );
    const [good, some] = lastDrills(
      [run(monday, { drills: [of(1, "success"), of(2, "success", { proofs })] })],
      [1, 2],
    );
    expect([good!, some!].map(drillNote)).toEqual([
      "The drill of 2026-11-02T05:00:20Z was good.",
      "The drill of 2026-11-02T05:00:20Z found nothing wrong, and its proof of rows and pages is unproven.",
    ]);
  });

  it("does not fail for a drill that had no room, and says so", () => {
    const drills = [of(1, "failed", { noRoom: true, detail: "The drill needs 3.3 GB." })];
    const [none] = lastDrills([run(monday, { result: "failed", drills })], [1]);
    expect(problem(none as never, october, "2026-11-02T06:00:00Z")).toBeUndefined();
    expect(drillNote(none!)).toBe(
      "The drill of 2026-11-02T05:00:20Z could not be made: The drill needs 3.3 GB.",
    );
  });
});

describe("what is on the disk", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "drills-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("says since when there is a schedule, also to the next agent", async () => {
    const agent = (schedules: object) =>
      ({ config: { backups: { schedules } }, paths: { records: folder } }) as unknown as Context;
    const daily = agent({ drill: {} });
    const since = "2026-11-01T12:00:00.000Z";
    await noteSchedule(daily, new Date(since));
    expect(await drillsSince(daily)).toBe(since);
    await noteSchedule(daily, new Date("2026-11-02T12:00:00.000Z"));
    expect(await drillsSince(daily)).toBe(since);
    await noteSchedule(agent({}));
    expect(await drillsSince(daily)).toBeUndefined();
  });

  it("says whether a drill is under way", async () => {
    expect(await isDrillUnderWay(folder)).toBe(false);
    expect(await isDrillUnderWay(join(folder, "none"))).toBe(false);
    await writeFile(join(folder, "data"), "");
    expect(await isDrillUnderWay(folder)).toBe(true);
  });
});
