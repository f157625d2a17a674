import {
  type InPlaceJournal,
  type InPlacePhase,
  readJournal,
} from "../../../../contract/restoreInPlace";
import { leftAt, openedTimeline, otherLogins } from "../../../../scripts/cli/restore/inPlace/check";
import type { Refusal } from "../../../../scripts/cli/restore/inPlace/situation";
import {
  asksForAnother,
  journalPlan,
  noRoom,
  optionsOf,
  refusalSentence,
  unfinishedLine,
  whatHappens,
} from "../../../../scripts/cli/restore/inPlace/words";
import { notReached, recoveryEnd } from "../../../../scripts/primary/recovered";
import { plannedFor } from "../../../support/unit/plannedFor";

const plan = plannedFor(
  { kind: "time", value: "2026-11-29T12:15:00Z", words: "2026-11-29 12:15:00 UTC" },
  {
    repository: { number: 2, location: "bucket" },
    wal: {
      from: "00000001000000000000000A",
      to: "00000001000000000000000F",
      segments: 6,
      bytes: 1,
    },
    arguments: ["restore", "--repo=2"],
  },
);

const journal = (change: Partial<InPlaceJournal> = {}): InPlaceJournal => ({
  version: 1,
  phase: "restoring",
  startedAt: "2026-11-29T13:00:00.000Z",
  delta: false,
  options: { toTime: "2026-11-29 12:15" },
  plan: journalPlan(plan),
  standbys: [],
  ...change,
});

const command = (words: string) => `npm run laterbase -- ${words}`;

it("keeps of the plan what another process needs", () => {
  expect(journalPlan({ ...plan, reaches: { lsn: "0/F000028", words: "x" } })).toEqual({
    ...{ target: "2026-11-29 12:15:00 UTC", kind: "time", value: "2026-11-29T12:15:00Z" },
    ...{ repository: 2, set: "20261129-120000F", timeline: 1, bytes: 1_300_000_000 },
    ...{ wal: "00000001000000000000000F", reaches: "0/F000028", words: ["restore", "--repo=2"] },
  });
});

it("says both figures where there is no room", () => {
  expect(noRoom(2e9, 1e9, false, command)).toBe(
    "The volume of the primary's data has 1.0 GB free, and the restored data need 2.0 GB beside the present ones. 'npm run laterbase -- restore --in-place --delta' overwrites the present data, and keeps nothing.",
  );
  expect(noRoom(2e9, 1e9, true, command)).toBe(
    "The volume of the primary's data has 1.0 GB with the present data, and the restored ones need 2.0 GB: make room on it first.",
  );
});

it("says what is kept, and what is not", () => {
  expect(whatHappens(journalPlan(plan), false)).toContain("are kept beside the restored ones");
  expect(whatHappens(journalPlan(plan), true)).toContain("NOTHING IS KEPT");
});

it("goes on with the same options or none, and not with others", () => {
  const asked = optionsOf({ toTime: "2026-11-29 12:15" });
  expect(asked).toEqual({ toTime: "2026-11-29 12:15" });
  expect(asksForAnother(journal(), asked, false)).toBe(false);
  expect(asksForAnother(journal(), optionsOf({}), false)).toBe(false);
  expect(asksForAnother(journal(), optionsOf({ toTime: "2026-11-29 12:16" }), false)).toBe(true);
  expect(asksForAnother(journal(), optionsOf({ toName: "x" }), false)).toBe(true);
  expect(asksForAnother(journal(), { ...asked, repo: 2 }, false)).toBe(true);
  expect(asksForAnother(journal(), optionsOf({}), true)).toBe(true);
  expect(asksForAnother(journal({ delta: true }), optionsOf({}), true)).toBe(false);
});

it("answers each refusal with the command that goes on", () => {
  const refusals: Record<Refusal, RegExp> = {
    "not-accepted":
      /'npm run laterbase -- restore --accept' .* 'npm run laterbase -- restore --undo'/,
    undoing: /restore --undo' goes on/,
    accepting: /restore --accept' goes on/,
    nothing: /^There is no restore in place/,
    "not-done": /restore --in-place' goes on/,
    "nothing-kept": /restore --in-place' goes on/,
    lost: /look at the volume/,
  };
  for (const [refusal, sentence] of Object.entries(refusals)) {
    expect(refusalSentence(refusal as Refusal, command)).toMatch(sentence);
  }
});

it.each<[InPlacePhase, string]>([
  ["restoring", "is not finished"],
  ["following", "is not finished"],
  ["restored-and-kept", "is not accepted yet"],
  ["accepting", "are not deleted yet"],
  ["tidying", "The undo of the restore"],
])("says of a restore in phase %s what waits", (phase, words) => {
  expect(unfinishedLine(journal({ phase }), command)).toContain(words);
});

it("says of a restore that came to another state what leads out of it", () => {
  const problem = "The recovery ended at 0/1, before 0/2, where x is.";
  expect(unfinishedLine(journal({ phase: "replaying", problem }), command)).toBe(
    `The restore in place of 2026-11-29 13:00:00 UTC to 2026-11-29 12:15:00 UTC did not come to that state: ${problem} 'npm run laterbase -- restore --undo' puts the data from before back.`,
  );
  expect(unfinishedLine(journal({ phase: "replaying", problem, delta: true }), command)).toContain(
    "'npm run laterbase -- restore --in-place --delta' with another target",
  );
});

it("says nothing where there is no restore", () => {
  expect(unfinishedLine(undefined, command)).toBeUndefined();
  expect(unfinishedLine("unreadable", command)).toContain("cannot be read");
});

describe("the point reached", () => {
  const kind = (one: Partial<InPlaceJournal["plan"]>, left?: InPlaceJournal["left"]) =>
    journal({ plan: { ...journalPlan(plan), ...one }, ...(left ? { left } : {}) });

  it("is the one asked for", () => {
    const reached = { timeline: 2, lsn: "0/F000100", at: "2026-11-29T12:14:59.5Z" };
    expect(notReached(journal(), reached)).toBeUndefined();
    expect(notReached(kind({ kind: "lsn", value: "0/F000100" }), reached)).toBeUndefined();
    expect(notReached(kind({ kind: "xid", reaches: "0/F0000F0" }), reached)).toBeUndefined();
    expect(notReached(kind({ kind: "latest" }, { timeline: 1, lsn: "0/F000028" }), reached)).toBe(
      undefined,
    );
  });

  it("is not known of a server that was started again since", () => {
    expect(notReached(kind({ kind: "lsn", value: "0/F000100" }), { timeline: 2 })).toBe(undefined);
  });

  it.each<[string, InPlaceJournal, NonNullable<InPlaceJournal["reached"]>, string]>([
    ["no new timeline", journal(), { timeline: 1 }, "should have opened a new one after 1"],
    [
      "too early",
      kind({ kind: "name", reaches: "1/0" }),
      { timeline: 2, lsn: "0/FFFFFFF" },
      "ended at 0/FFFFFFF, before 1/0",
    ],
    [
      "too late",
      journal(),
      { timeline: 2, lsn: "0/F000100", at: "2026-11-29T12:15:01Z" },
      "after 2026-11-29 12:15:00 UTC",
    ],
    [
      "committed work is missing",
      kind({ kind: "latest" }, { timeline: 1, lsn: "0/11000028" }),
      { timeline: 2, lsn: "0/F000100" },
      "had written up to 0/11000028",
    ],
  ])("is another one: %s", (_, one, reached, words) => {
    expect(notReached(one, reached)).toContain(words);
  });
});

describe("the end of the recovery", () => {
  const history = "1\t0/3000000\tno recovery target specified\n\n2\t0/F000100\tbefore a time\n";
  const at = "2026-11-29T12:14:59.5Z";

  it("is where the new timeline begins, with the last transaction", () => {
    expect(recoveryEnd({ timeline: 3, lsn: "0/F000100", at, history })).toEqual({
      ...{ timeline: 3, lsn: "0/F000100", at },
    });
  });

  it("outlives a restart of the server", () => {
    expect(recoveryEnd({ timeline: 3, history })).toEqual({ timeline: 3, lsn: "0/F000100" });
  });

  it("is not the end of a recovery after a crash", () => {
    expect(recoveryEnd({ timeline: 3, lsn: "0/F000250", at, history })).toEqual({
      ...{ timeline: 3, lsn: "0/F000100" },
    });
  });

  it("is what the server says where the timeline has no history", () => {
    expect(recoveryEnd({ timeline: 1, lsn: "0/F000100", at })).toEqual({
      ...{ timeline: 1, lsn: "0/F000100", at },
    });
  });
});

it("notes no place of a checkpoint that a damaged pg_control does not have", () => {
  expect(leftAt(1, "0/F000028")).toEqual({ timeline: 1, lsn: "0/F000028" });
  const left = leftAt(undefined, "");
  expect(left).toEqual({});
  expect(readJournal(JSON.stringify(journal({ left })))).toEqual(journal({ left }));
});

it("keeps for the next run what stands in the way", () => {
  const noted = journal({ problem: "It ended elsewhere.", away: { standby: "no route" } });
  expect(readJournal(JSON.stringify(noted))).toEqual(noted);
});

it("names logins with another password, and those that are not there", () => {
  expect(otherLogins({ a: "1", b: "2", c: "3" }, { a: "1", b: "9", d: "4" })).toEqual({
    changed: ["b"],
    missing: ["c"],
  });
});

it.each<
  [string, InPlaceJournal | undefined, number | undefined, number | undefined, number | undefined]
>([
  ["noted", journal({ reached: { timeline: 4 } }), 2, 1, 4],
  ["none, whatever is noted", journal({ reached: { timeline: 1 } }), 1, 1, undefined],
  ["killed before the note", journal(), 2, 1, 2],
  ["never promoted", journal(), 1, 1, undefined],
  ["without a journal", undefined, 3, 2, 3],
  ["without a journal, never promoted", undefined, 2, 2, undefined],
  ["along an older timeline, not promoted", journal(), 1, 3, undefined],
])("knows the timeline that a restore opened: %s", (_, one, live, before, opened) => {
  expect(openedTimeline(one, live, before)).toBe(opened);
});
