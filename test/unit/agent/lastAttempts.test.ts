import { know, noteRun, untried } from "../../../scripts/agent/server/lastAttempts";
import type { JobRecord } from "../../../contract/jobRecord";

const at = (minute: number) => new Date(minute * 60_000);
const run = (minute: number, names?: string[]) =>
  ({
    endedAt: at(minute).toISOString(),
    databases: names?.map((database) => ({ database })),
  }) as unknown as JobRecord;

beforeEach(() => know([], () => 0));

test("a database is overdue until somebody has tried it", () => {
  know(["a", "b"], (name) => (name === "a" ? at(10).getTime() : 0));
  expect(untried(at(10))).toEqual(["b"]);
  expect(untried(at(11))).toEqual(["a", "b"]);
  noteRun(run(12, ["a"]));
  expect(untried(at(11))).toEqual(["b"]);
});

test("a run that did not even find out the names has tried all of them", () => {
  know(["a", "b"], () => 0);
  noteRun(run(5));
  expect(untried(at(5))).toEqual([]);
  expect(untried(at(6))).toEqual(["a", "b"]);
});

test("a dropped database is forgotten, a new one is to be tried", () => {
  know(["a", "b"], () => 0);
  noteRun(run(5, ["a", "b"]));
  know(["b", "c"], () => 0);
  expect(untried(at(1))).toEqual(["c"]);
  expect(untried(at(9))).toEqual(["b", "c"]);
});
