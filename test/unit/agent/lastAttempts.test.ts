import type { JobRecord } from "../../../contract/jobRecord";
import { LastAttempts } from "../../../scripts/agent/server/lastAttempts";

const at = (minute: number) => new Date(minute * 60_000);
const run = (minute: number, names?: string[]) =>
  ({
    endedAt: at(minute).toISOString(),
    databases: names?.map((database) => ({ database })),
  }) as unknown as JobRecord;

let attempts: LastAttempts;
beforeEach(() => {
  attempts = new LastAttempts();
});

test("a database is due until it was tried", () => {
  attempts.keep(["a", "b"], (name) => (name === "a" ? at(10).getTime() : 0));
  expect(attempts.notSince(at(10))).toEqual(["b"]);
  expect(attempts.notSince(at(11))).toEqual(["a", "b"]);
  attempts.note(run(12, ["a"]));
  expect(attempts.notSince(at(11))).toEqual(["b"]);
});

test("a run that could not even read the names counts for all of them", () => {
  attempts.keep(["a", "b"]);
  attempts.note(run(5));
  expect(attempts.notSince(at(5))).toEqual([]);
  expect(attempts.notSince(at(6))).toEqual(["a", "b"]);
});

test("a dropped database is forgotten, a new one is due", () => {
  attempts.keep(["a", "b"]);
  attempts.note(run(5, ["a", "b"]));
  attempts.keep(["b", "c"]);
  expect(attempts.notSince(at(1))).toEqual(["c"]);
  expect(attempts.notSince(at(9))).toEqual(["b", "c"]);
});

test("an attempt in the future is a mistake of the clock, and keeps nothing from being due", () => {
  const future = new Date(Date.now() + 3600_000).toISOString();
  attempts.keep(["a", "b"], () => Date.parse(future));
  expect(attempts.notSince(at(1))).toEqual(["a", "b"]);
  // The clock was ahead while this ran, and was set back afterwards.
  attempts.note({ endedAt: future, databases: [] });
  expect(attempts.notSince(at(1))).toEqual(["a", "b"]);
  attempts.note(run(5, ["a"]));
  expect(attempts.notSince(at(5))).toEqual(["b"]);
});

test("a time that lies in the future since the clock was set back counts as never", () => {
  const now = Date.now();
  const clock = jest.spyOn(Date, "now").mockReturnValue(now + 10 * 365 * 24 * 3600_000);
  attempts.keep(["a"]);
  attempts.note({ endedAt: new Date(Date.now()).toISOString() });
  expect(attempts.notSince(new Date(Date.now()))).toEqual([]);
  clock.mockRestore();
  expect(attempts.notSince(new Date(now))).toEqual(["a"]);
  attempts.note({ endedAt: new Date(now).toISOString() });
  expect(attempts.notSince(new Date(now))).toEqual([]);
});
