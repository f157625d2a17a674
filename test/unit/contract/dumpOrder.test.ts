import type { ListedDump } from "../../../contract/agentReplies";
import { chooseDump } from "../../../contract/chooseDump";
import { type DatedDump, newestFirst } from "../../../contract/dumpOrder";

const dump = (id: string, takenAt: string, number?: number): DatedDump => ({
  id,
  takenAt,
  ...(number === undefined ? {} : { number }),
});
const order = (...dumps: DatedDump[]) => [...dumps].sort(newestFirst).map(({ id }) => id);

it("goes by the number, whatever a clock said", () => {
  const ahead = dump("a/1", "2036-11-21T03:00:00Z", 1);
  const after = dump("a/2", "2026-11-21T04:00:00Z", 2);
  expect(order(ahead, after)).toEqual(["a/2", "a/1"]);
  expect(order(after, ahead)).toEqual(["a/2", "a/1"]);
});

it("takes dumps without a number for older ones, and sorts them by time, then by id", () => {
  expect(
    order(
      dump("a/old", "2026-11-20T03:00:00Z"),
      dump("a/1", "2026-11-19T03:00:00Z", 1),
      dump("a/later", "2026-11-20T03:00:00.500Z"),
      dump("a/later-2", "2026-11-20T03:00:00.500Z"),
    ),
  ).toEqual(["a/1", "a/later-2", "a/later", "a/old"]);
});

it("the latest dump of a database is the one with the highest number", () => {
  const listed = (one: DatedDump): ListedDump => ({
    ...one,
    ...{ database: "a", bytes: 1, source: "standby", major: 17, signature: "ours", leftOut: 0 },
  });
  const dumps = [
    dump("a/1", "2036-11-21T03:00:00Z", 1),
    dump("a/2", "2026-11-21T04:00:00Z", 2),
    dump("a/0", "2030-01-01T00:00:00Z"),
  ].map(listed);
  expect(chooseDump(dumps, "a")).toMatchObject({ dump: { id: "a/2" } });
  expect(chooseDump(dumps, "a/9")).toEqual({
    problem: 'There is no dump "a/9": the nearest are "a/2", "a/1", "a/0".',
  });
});
