import { chooseDump } from "../../../contract/chooseDump";
import type { ListedDump } from "../../../contract/agentReplies";

const dump = (database: string, takenAt: string, folder = database): ListedDump => ({
  id: `${folder}/${takenAt.replace(/[-:]/g, "")}`,
  database,
  takenAt,
  bytes: 1,
  source: "standby",
  major: 17,
  signature: "ours",
  leftOut: 0,
});
const dumps = [
  dump("banking", "2026-11-20T03:00:00Z"),
  dump("banking", "2026-11-21T03:00:00Z"),
  dump("a/b", "2026-11-21T03:00:00Z", "a%2Fb"),
  dump('My Library "2024" é', "2026-11-21T03:00:00Z"),
];

it.each([
  ["banking/20261120T030000Z", "banking/20261120T030000Z"],
  ["banking", "banking/20261121T030000Z"],
  ["banking/", "banking/20261121T030000Z"],
  ["a/b", "a%2Fb/20261121T030000Z"],
  ["a%2Fb", "a%2Fb/20261121T030000Z"],
  ['My Library "2024" é', 'My Library "2024" é/20261121T030000Z'],
])("takes %s for %s", (wanted, id) => {
  expect(chooseDump(dumps, wanted)).toMatchObject({ dump: { id } });
});

it("names the nearest dumps of the same database, or the nearest databases", () => {
  expect(chooseDump(dumps, "banking/20261119T030000Z")).toEqual({
    problem:
      'There is no dump "banking/20261119T030000Z": the nearest are "banking/20261121T030000Z", "banking/20261120T030000Z".',
  });
  expect(chooseDump(dumps, "Bankin")).toEqual({
    problem: expect.stringMatching(/: the nearest are "banking", "a\/b", /) as string,
  });
  expect(chooseDump(dumps, "LIBR")).toEqual({
    problem: expect.stringMatching(/: the nearest are "My Library ""2024"" é", /) as string,
  });
  expect(chooseDump(dumps.slice(0, 1), "x")).toEqual({
    problem: expect.stringMatching(/: the nearest is "banking"\.$/) as string,
  });
});

it("says so when there are none", () => {
  expect(chooseDump([], "x")).toEqual({
    problem: "There are no dumps yet. The first dump is made when the stack starts, or by `dump`.",
  });
});
