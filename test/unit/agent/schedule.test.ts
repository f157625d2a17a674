import type { CronFields, Schedule } from "../../../contract/schedule";
import { lastDue } from "../../../scripts/agent/kit/schedule";

const at = (schedule: Schedule, now: string, zone = "Europe/London") =>
  lastDue(schedule, zone, new Date(now)).toISOString();
/** Of five fields. */
const due = (text: string, now: string, zone?: string) =>
  at({ text, fields: text.split(" ") as CronFields }, now, zone);

test("the last moment, not after now", () => {
  expect(due("30 2 * * *", "2026-06-01T12:00:00Z")).toBe("2026-06-01T01:30:00.000Z");
  expect(due("30 2 * * *", "2026-06-01T01:29:59Z")).toBe("2026-05-31T01:30:00.000Z");
  expect(due("30 2 * * *", "2026-06-01T01:30:00Z")).toBe("2026-06-01T01:30:00.000Z");
  expect(due("0 * * * *", "2026-06-01T12:59:59Z")).toBe("2026-06-01T12:00:00.000Z");
  expect(due("0 0 * * *", "2026-06-01T12:00:00Z")).toBe("2026-05-31T23:00:00.000Z");
  expect(due("0 3 * * 1-5", "2026-06-07T12:00:00Z")).toBe("2026-06-05T02:00:00.000Z");
});

test("what the clock jumps over in spring is due after the jump", () => {
  // London: 01:00 to 02:00 on 29 March 2026 do not exist.
  expect(due("30 1 * * *", "2026-03-29T00:59:00Z")).toBe("2026-03-28T01:30:00.000Z");
  expect(due("30 1 * * *", "2026-03-29T12:00:00Z")).toBe("2026-03-29T01:30:00.000Z");
  expect(due("30 1 * * *", "2026-03-30T12:00:00Z")).toBe("2026-03-30T00:30:00.000Z");
  expect(due("30 2 * * *", "2026-03-08T20:00:00Z", "America/New_York")).toBe(
    "2026-03-08T07:30:00.000Z",
  );
});

test("what comes twice in autumn is due twice", () => {
  expect(due("30 1 * * *", "2026-10-25T00:45:00Z")).toBe("2026-10-25T00:30:00.000Z");
  expect(due("30 1 * * *", "2026-10-25T01:45:00Z")).toBe("2026-10-25T01:30:00.000Z");
});

test("intervals count back from now", () => {
  expect(at({ text: "@every 1h30m", every: 5400 }, "2026-06-01T12:00:00Z")).toBe(
    "2026-06-01T10:30:00.000Z",
  );
  expect(at({ text: "@every 10s", every: 10 }, "2026-06-01T12:00:00Z")).toBe(
    "2026-06-01T11:59:50.000Z",
  );
});
