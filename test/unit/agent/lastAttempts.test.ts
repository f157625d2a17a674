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
