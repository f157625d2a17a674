import * as records from "../../../scripts/agent/kit/records";
import type { Context } from "../../../scripts/agent/kit/context";
import { sorted } from "../../../scripts/agent/dump/discovery";
import { sayLeftOut } from "../../../scripts/agent/dump/leftOut";
import { notHeld } from "../../../scripts/agent/dump/run";

jest.mock("../../../scripts/agent/kit/records");

const omission = (what: string) => ({ what, why: "of a reason" });

test("each database that is not dumped is named with its reason, and one that refuses the role is tried", () => {
  const found = sorted(
    [
      { name: "app", state: null },
      { name: "archive", state: "closed" },
      { name: "broken", state: "invalid" },
      { name: "copy", state: "unfinished" },
      { name: "gis", state: "template" },
      { name: 'it\'s "private"', state: "refuses" },
    ],
    "laterbase_dev_dumps",
  );
  expect(found).toEqual({
    names: ["app", 'it\'s "private"'],
    leftOut: [
      {
        what: 'the database "archive"',
        why: "it accepts no connections (ALTER DATABASE … ALLOW_CONNECTIONS true changes that)",
      },
      {
        what: 'the database "broken"',
        why: "its DROP DATABASE was interrupted, so nobody can connect to it",
      },
      { what: 'the database "copy"', why: "a restore of it is not finished, or was interrupted" },
      {
        what: 'the database "gis"',
        why: "it is a template; laterbase:dumps.databases can name it",
      },
      {
        what: 'the database "it\'s "private""',
        why: "the role laterbase_dev_dumps may not connect to it, and `up` grants that",
      },
    ],
  });
});

test.each([
  [[], []],
  [["rows of a"], ["Not in it: rows of a (verify-dump says why)."]],
  [["a", "b", "c", "d", "e"], ["Not in it: a, b, c, and 2 more (verify-dump says why)."]],
])("a result names what the dump does not hold: %j", (what, sentences) => {
  expect(notHeld(what.map(omission))).toEqual(sentences);
});

test("the list says which databases have no new dump", async () => {
  const end = { seconds: 1, detail: "because." };
  jest.mocked(records.readRecord).mockResolvedValue({
    ...{
      job: "dump",
      trigger: "schedule",
      result: "failed",
      detail: "",
      startedAt: "",
      endedAt: "",
    },
    leftOut: [omission('the database "closed"'), omission('the database "private"')],
    databases: [
      { ...end, database: "app", result: "success" },
      { ...end, database: "private", result: "failed" },
      { ...end, database: "torn", result: "failed" },
    ],
  });
  const said: string[] = [];
  await sayLeftOut({} as Context, (sentence) => said.push(sentence));
  expect(said).toEqual([
    'Not dumped: the database "closed", because of a reason.',
    'Not dumped: the database "private", because of a reason.',
    'The last dump of the database "torn" failed: because.',
  ]);
});

test("without a record the list says nothing", async () => {
  jest.mocked(records.readRecord).mockResolvedValue(undefined);
  const said: string[] = [];
  await sayLeftOut({} as Context, (sentence) => said.push(sentence));
  expect(said).toEqual([]);
});
