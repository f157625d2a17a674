import { longestPause, checkClock } from "../../../../scripts/agent/duplicati/clockJump";
import type { Context } from "../../../../scripts/agent/kit/context";
import * as records from "../../../../scripts/agent/kit/records";

jest.mock("../../../../scripts/agent/kit/records");

const DAY = 24 * 3600_000;
const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString();
const run = (days: number) => ({ endedAt: ago(days) });

it("is the longest time between the upload, the runs after it and now", () => {
  const now = Date.parse("2026-11-21T03:00:00Z");
  const runs = [1, 19, 20].map((day) => ({ endedAt: `2026-11-${day}T03:00:00Z` }));
  expect(longestPause("2026-11-10T03:00:00Z", runs, now)).toBe(9 * DAY);
  expect(longestPause("2026-11-10T03:00:00Z", [], now)).toBe(11 * DAY);
});

describe("an upload after a pause", () => {
  const check = (upload: object | undefined, runs: object[], trigger = "schedule") => {
    jest.mocked(records.readRecord).mockResolvedValue(upload as never);
    jest.mocked(records.readRuns).mockResolvedValue(runs as never);
    return checkClock({} as Context, trigger as never);
  };

  it("of ten years is refused at its schedule, and not when an operator wants it", async () => {
    const after = [run(3652.5), run(0.1)];
    await expect(check(run(3653), after)).rejects.toThrow(
      "Nothing ran for 3652 days since the last upload, or the clock has jumped: by a wrong clock Duplicati would delete archives. " +
        "If the clock is right, `laterbase upload` uploads now, and the schedule goes on.",
    );
    await expect(check(run(3653), after, "operator")).resolves.toBeUndefined();
  });

  it("in which dumps were made, or of some weeks, is made", async () => {
    const each = Array.from({ length: 200 }, (_, day) => run(200 - day));
    await expect(check(run(201), each)).resolves.toBeUndefined();
    await expect(check(run(60), [])).resolves.toBeUndefined();
    await expect(check(undefined, [run(500)])).resolves.toBeUndefined();
    await expect(check(run(-500), [run(500)])).resolves.toBeUndefined();
  });
});
