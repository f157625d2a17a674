import type { JobRecord } from "../../../../contract/jobRecord";
import { BackupAttempts } from "../../../../scripts/agent/pgBackRest/attempts";

describe("attempts", () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 1, 0, minute));
  const record = (
    job: JobRecord["job"],
    minute: number,
    results: { repository: number; code?: number }[] = [{ repository: 1 }, { repository: 2 }],
    result: JobRecord["result"] = "success",
  ) =>
    ({
      ...{ job, result, startedAt: at(minute).toISOString() },
      // Each run takes five minutes.
      endedAt: at(minute + 5).toISOString(),
      backups: results.map((one) => ({ result, ...one })),
    }) as unknown as JobRecord;

  it("count for the type and for those that it makes unnecessary", () => {
    const attempts = new BackupAttempts([1, 2]);
    attempts.note(record("backup-full", 10));
    expect(attempts.notSince("full", at(20))).toEqual([1, 2]);
    attempts.note(record("backup-diff", 30));
    expect(attempts.notSince("full", at(20))).toEqual([1, 2]);
    expect(attempts.notSince("diff", at(20))).toEqual([]);
    expect(attempts.notSince("incr", at(20))).toEqual([]);
    expect(attempts.notSince("incr", at(40))).toEqual([1, 2]);
    attempts.note(record("backup-full", 50));
    expect(attempts.notSince("incr", at(40))).toEqual([]);
  });

  it("of a backup count for an hour when they fail, in each repository", () => {
    const attempts = new BackupAttempts([1, 2]);
    attempts.note(record("backup-full", 1));
    attempts.note(record("backup-full", 30, [{ repository: 1, code: 82 }], "failed"));
    expect(attempts.notSince("full", at(20), at(94).getTime())).toEqual([2]);
    expect(attempts.notSince("full", at(20), at(95).getTime())).toEqual([1, 2]);
    // A newer time of the schedule does not wait for the hour.
    expect(attempts.notSince("full", at(40), at(42).getTime())).toEqual([1, 2]);
    attempts.note(record("backup-full", 95, [{ repository: 1 }], "failed"));
    expect(attempts.notSince("full", at(20), at(159).getTime())).toEqual([2]);
    attempts.note(record("backup-full", 160));
    expect(attempts.notSince("full", at(20), at(300).getTime())).toEqual([]);
  });

  it("of a full backup that fail do not keep a diff from its turn", () => {
    const attempts = new BackupAttempts([1]);
    attempts.note(record("backup-full", 1));
    attempts.note(record("backup-full", 30, [{ repository: 1 }], "failed"));
    expect(attempts.notSince("diff", at(20), at(40).getTime())).toEqual([1]);
  });

  it("of a backup that was made count, although it found that older ones are gone", () => {
    const attempts = new BackupAttempts([1]);
    attempts.note(record("backup-full", 1));
    const made = { repository: 1, backup: { label: "20261101-003000F" } };
    attempts.note(record("backup-full", 30, [made], "failed"));
    expect(attempts.notSince("full", at(20), at(300).getTime())).toEqual([]);
  });

  it("of the other jobs count also when they fail, because they looked", () => {
    const attempts = new BackupAttempts([1, 2]);
    attempts.note(record("verify-backups", 1));
    attempts.note(record("verify-backups", 30, undefined, "failed"));
    expect(attempts.notSince("verify", at(20))).toEqual([]);
  });

  it("of a clock that was ahead count as never once it is set back", () => {
    const attempts = new BackupAttempts([1]);
    attempts.note(record("backup-full", 1));
    const year = 365 * 24 * 60;
    const clock = jest.spyOn(Date, "now").mockReturnValue(at(year + 100).getTime());
    attempts.note(record("backup-full", year, [{ repository: 1 }], "failed"));
    attempts.note({ ...record("backup-full", year + 10), trigger: "archive-gap" });
    expect(attempts.notSince("full", at(year))).toEqual([]);
    clock.mockReturnValue(at(100).getTime());
    expect(attempts.notSince("full", at(50))).toEqual([1]);
    expect([attempts.lastFailed("full", 1), attempts.lastOf("full", 1)]).toEqual([0, 0]);
    expect(attempts.lastGapFull(1)).toBe(0);
    attempts.note(record("backup-full", 60));
    expect(attempts.notSince("full", at(50))).toEqual([]);
    expect(attempts.lastOf("full", 1)).toBe(at(60).getTime());
    clock.mockRestore();
  });

  it("do not count when they were stopped", () => {
    const attempts = new BackupAttempts([1, 2]);
    attempts.note(record("backup-full", 1));
    attempts.note(record("backup-full", 30, [{ repository: 1, code: 63 }], "failed"));
    expect(attempts.notSince("full", at(20), at(36).getTime())).toEqual([1, 2]);
  });

  it("count for all repositories when a run got to none, and for an hour when it was skipped", () => {
    for (const result of ["failed", "skipped"] as const) {
      const attempts = new BackupAttempts([1, 2]);
      attempts.note(record("backup-full", 1));
      attempts.note(record("backup-full", 30, [], result));
      expect(attempts.notSince("full", at(20), at(94).getTime())).toEqual([]);
      expect(attempts.notSince("full", at(20), at(95).getTime())).toEqual([1, 2]);
    }
  });

  it("miss nothing that was due before there was anything", () => {
    const attempts = new BackupAttempts([1]);
    expect(attempts.notSince("verify", at(20))).toEqual([]);
    attempts.note(record("backup-full", 30));
    expect(attempts.notSince("verify", at(20))).toEqual([]);
    expect(attempts.notSince("verify", at(40))).toEqual([1]);
  });

  it("that were noted while the clock was ahead count as never when it is set right", () => {
    jest.useFakeTimers({ now: at(10_000) });
    try {
      const attempts = new BackupAttempts([1]);
      attempts.note(record("backup-full", 1));
      attempts.note(record("verify-backups", 9000, [{ repository: 1 }]));
      attempts.note(record("backup-full", 9000, [{ repository: 1 }], "failed"));
      attempts.note({
        ...record("backup-full", 9000, [{ repository: 1 }]),
        trigger: "archive-gap",
      });
      jest.setSystemTime(at(100));
      expect(attempts.notSince("verify", at(50))).toEqual([1]);
      expect(attempts.notSince("full", at(50))).toEqual([1]);
      expect(attempts.lastFailed("full", 1)).toBe(0);
      expect(attempts.lastGapFull(1)).toBe(0);
      // One that is made now counts, although the other time is greater.
      attempts.note(record("verify-backups", 90, [{ repository: 1 }]));
      expect(attempts.notSince("verify", at(50))).toEqual([]);
    } finally {
      jest.useRealTimers();
    }
  });
});
