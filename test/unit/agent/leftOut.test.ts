import { readCopies, writeCopies } from "../../../contract/restoredCopies";
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
      { oid: "1", name: "app", state: null },
      { oid: "2", name: "archive", state: "closed" },
      { oid: "3", name: "broken", state: "invalid" },
      { oid: "4", name: "copy", state: "unfinished" },
      { oid: "6", name: 'it\'s "private"', state: "refuses" },
      { oid: "7", name: "main", state: "replacing" },
    ],
    "laterbase_dev_dumps",
  );
  expect(found).toEqual({
    names: ["app", 'it\'s "private"', "main"],
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
        what: 'the database "it\'s ""private"""',
        why: "the role laterbase_dev_dumps may not connect to it, and `up` grants that",
      },
      { what: 'the database "main"', why: "a restore of it is not finished, or was interrupted" },
    ],
  });
});

test("a copy that a restore left is not dumped while it has that name and its database is there", () => {
  const rows = [
    { oid: "1", name: "app", state: null },
    { oid: "2", name: "app_restored", state: null },
    { oid: "3", name: "renamed since", state: null },
    { oid: "4", name: "made again", state: null },
    { oid: "5", name: "orphan", state: null },
    { oid: "6", name: "refuses", state: "refuses" as const },
  ];
  const copies = [
    { oid: "2", name: "app_restored", of: "app" },
    { oid: "3", name: "app_before_restore", of: "app" },
    { oid: "40", name: "made again", of: "app" },
    { oid: "5", name: "orphan", of: "gone" },
    { oid: "6", name: "refuses", of: "app" },
  ];
  const read = readCopies(writeCopies(copies));
  expect(read).toEqual(copies);
  const found = sorted(rows, "r", read);
  expect(found.names).toEqual(["app", "renamed since", "made again", "orphan", "refuses"]);
  expect(found.leftOut.slice(-1)).toEqual([
    {
      what: 'the database "app_restored"',
      why: 'a restore left it beside "app"; laterbase:dumps.databases can name it',
    },
  ]);
});

test.each([undefined, null, "", "nonsense", "{}", "[[1]]", '[["1","a"]]'])(
  "the setting %j names no copy",
  (value) => expect(readCopies(value)).toEqual([]),
);

test("the setting holds ASCII only, whatever names hold", () => {
  const copies = [{ oid: "1", name: 'é"\n', of: "日" }];
  // oxlint-disable-next-line no-control-regex
  expect(writeCopies(copies)).toMatch(/^[\x20-\x7e]+$/);
  expect(readCopies(writeCopies(copies))).toEqual(copies);
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
