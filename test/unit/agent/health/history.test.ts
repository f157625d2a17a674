import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Check } from "../../../../contract/health/check";
import { isUnknown } from "../../../../contract/health/facts";
import { acceptSeen } from "../../../../scripts/agent/health/history/acceptance";
import { dayStarts } from "../../../../scripts/agent/health/history/days";
import { type History, openHistory } from "../../../../scripts/agent/health/history/history";
import type { Snapshot } from "../../../../scripts/agent/health/kit/snapshot";
import { healthy, moment, snapshotOf } from "../../../support/healthSnapshots";
import { without } from "../../../support/without";

const folder = mkdtempSync(join(tmpdir(), "lbt-history-"));
const said: string[] = [];
const opened: History[] = [];
let count = 0;

function open(at = join(folder, String(++count)), mostBytes?: number) {
  const history = openHistory(
    at,
    (sentence) => said.push(sentence),
    mostBytes ? { mostBytes } : undefined,
  );
  opened.push(history);
  return { history, at };
}

beforeEach(() => said.splice(0));
afterEach(() => opened.splice(0).forEach((one) => one.close()));
afterAll(() => rmSync(folder, { recursive: true }));

/** The healthy snapshot, so many seconds later. */
function later(seconds: number, change: Partial<Snapshot> = {}): Snapshot {
  const at = new Date(Date.parse(moment) + seconds * 1000).toISOString();
  return { ...healthy, ...change, at, facts: { ...(change.facts ?? healthy.facts), at } };
}

const note = (history: History, snapshot: Snapshot) => void history.note(snapshot, undefined);
const at = (seconds: number) => new Date(Date.parse(moment) + seconds * 1000);
const unix = Date.parse(moment) / 1000;
const check = (status: Check["status"], name = "one"): Check => ({
  name,
  status,
  sentence: `${status}.`,
});

/** What an undated check becomes: the monitor asks the history for since. */
function undated(seconds: number, ...checks: Check[]): Snapshot {
  const { judged } = snapshotOf(healthy.facts, checks);
  return later(seconds, { checks, judged });
}

function ask(from: string, sql: string): unknown[] {
  const database = new DatabaseSync(join(from, "history.sqlite"));
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row));
  } finally {
    database.close();
  }
}

test("a check keeps its since over looks and restarts, until its status changes", () => {
  const { history, at: place } = open();
  expect(history.sinceOf("one", "failed")).toBeUndefined();
  note(history, undated(0, check("failed")));
  note(history, undated(10, check("failed")));
  expect(history.sinceOf("one", "failed")).toBe(at(0).toISOString());
  expect(history.sinceOf("one", "good")).toBeUndefined();
  history.close();

  const again = open(place).history;
  expect(again.sinceOf("one", "failed")).toBe(at(0).toISOString());
  note(again, undated(20, check("good")));
  note(again, undated(30));
  note(again, undated(40, check("good")));
  expect(again.sinceOf("one", "good")).toBe(at(40).toISOString());
  expect(ask(place, "SELECT at, status FROM changes WHERE name = 'one' ORDER BY id")).toEqual([
    [unix, "failed"],
    [unix + 20, "good"],
    [unix + 30, "gone"],
    [unix + 40, "good"],
  ]);
});

test("what was not good is left for the next run, with its sentence and since when it is so", () => {
  const { history, at: place } = open();
  expect(history.left()).toEqual([]);
  const checks = [check("failed"), check("good", "two"), check("unknown", "three")];
  note(history, undated(0, check("degraded"), ...checks.slice(1)));
  note(history, undated(10, ...checks, check("degraded", "four")));
  note(history, undated(20, ...checks));
  history.close();
  const again = open(place).history;
  expect(again.left().toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: "one", status: "failed", sentence: "failed.", since: at(10).toISOString() },
    { name: "three", status: "unknown", sentence: "unknown.", since: at(0).toISOString() },
  ]);
});

test("since when WAL is in no repository outlives a restart, and a look without the agent", () => {
  const { history, at: place } = open();
  const { agent } = healthy.facts;
  if (!agent || isUnknown(agent)) throw new Error("no agent");
  const bare = without(agent, "repositories");
  const facts = (change: Partial<Snapshot["facts"]>) => ({
    facts: { ...healthy.facts, ...change },
  });
  expect(history.unarchived()).toEqual({});
  note(history, later(0, facts({ unarchivedSince: { 2: moment } })));
  note(history, later(10, facts({ agent: { unknown: "" }, unarchivedSince: {} })));
  note(history, later(20, facts({ agent: bare, unarchivedSince: {} })));
  history.close();
  const again = open(place).history;
  expect(again.unarchived()).toEqual({ 2: moment });
  note(again, later(30, facts({ unarchivedSince: {} })));
  again.close();
  expect(open(place).history.unarchived()).toEqual({});
});

test("since that a check says itself counts, and of two checks with one name the worse", () => {
  const { history } = open();
  note(
    history,
    undated(0, { ...check("failed"), since: "2026-11-29T00:00:00.000Z" }, check("good")),
  );
  expect(history.sinceOf("one", "failed")).toBe("2026-11-29T00:00:00.000Z");
});

test("lag is kept each ten seconds, and the worst of each minute and hour", () => {
  const { history, at: place } = open();
  const lagging = (seconds: number, lag: number) => {
    const { standby } = healthy.facts.standbys;
    const standbys = { standby: { ...standby, lagSeconds: lag } as typeof standby & object };
    return later(seconds, { facts: { ...healthy.facts, standbys } });
  };
  // 03:07:12, a minute and an hour later.
  [
    [0, 1],
    [10, 9],
    [20, 2],
    [60, 3],
    [3600, 4],
  ].forEach(([s, lag]) => note(history, lagging(s!, lag!)));
  history.close();
  const points =
    "SELECT step, at - 1796008032, value FROM points JOIN series ON id = series WHERE kind = 'lag' ORDER BY step, at";
  expect(unix).toBe(1796008032);
  expect(ask(place, points)).toEqual([
    [10, -2, 1],
    [10, 8, 9],
    [10, 18, 2],
    [10, 58, 3],
    [10, 3598, 4],
    [60, -12, 9],
    [60, 48, 3],
    [60, 3588, 4],
    [3600, -432, 9],
    [3600, 3168, 4],
  ]);
  const again = open(place).history;
  expect(again.lag("standby", at(3600)).map((one) => one.value)).toEqual([9, 4]);
  expect(again.lag("nobody", at(3600))).toEqual([]);
});

test("growth is the line through the last week's hours, and unknown before a day has passed", () => {
  const { history } = open();
  const disk = (seconds: number, used: number) => {
    const { agent } = healthy.facts;
    if (!agent || isUnknown(agent)) throw new Error("no agent");
    const disks = [{ holds: "dumps", bytes: 1e12, free: 1e12 - used }];
    return later(seconds, { facts: { ...healthy.facts, agent: { ...agent, disks } } });
  };
  for (let hour = 0; hour < 24; hour++) note(history, disk(hour * 3600, 1e9 + (hour * 24e6) / 24));
  expect(history.growth("dumps")).toBeUndefined();
  for (let hour = 24; hour < 72; hour++) note(history, disk(hour * 3600, 1e9 + (hour * 24e6) / 24));
  expect(history.growth("dumps")).toBeCloseTo(24e6, 0);
  // Disks that are one now were two before.
  expect(history.growth("nothing, dumps")).toBeCloseTo(24e6, 0);
  expect(history.growth("nothing")).toBeUndefined();
});

test("another cluster is the stack's when every standby follows it, or after a day without standbys", () => {
  const { history, at: place } = open();
  const { primary, standbys } = healthy.facts;
  if (isUnknown(primary)) throw new Error("no primary");
  const cluster = (systemIdentifier: string, followed: string[]): Snapshot["facts"] => ({
    ...healthy.facts,
    primary: { ...primary, systemIdentifier },
    standbys: Object.fromEntries(
      followed.map((id, i) => [
        `s${i}`,
        { ...(standbys["standby"] as object), systemIdentifier: id } as never,
      ]),
    ),
  });
  expect(history.knownSystem()).toBeUndefined();
  note(history, later(0, { facts: cluster("1", ["1"]) }));
  note(history, later(10, { facts: cluster("2", ["1"]) }));
  note(history, later(20, { facts: cluster("2", ["1", "2"]) }));
  expect(history.knownSystem()).toBe("1");
  note(history, later(30, { facts: cluster("2", ["2", "2"]) }));
  expect(history.knownSystem()).toBe("2");
  note(history, later(40, { facts: cluster("3", []) }));
  history.close();
  const again = open(place).history;
  note(again, later(40 + 86_399, { facts: cluster("3", []) }));
  expect(again.knownSystem()).toBe("2");
  note(again, later(40 + 86_400, { facts: cluster("3", []) }));
  expect(again.knownSystem()).toBe("3");
});

test("another cluster is the stack's when a person accepts it, and a third one is not", () => {
  const { history, at: place } = open();
  const { primary } = healthy.facts;
  if (isUnknown(primary)) throw new Error("no primary");
  const look = (seconds: number, systemIdentifier: string, status: Check["status"]) => {
    const facts = { ...healthy.facts, primary: { ...primary, systemIdentifier, timeline: 4 } };
    const { checks, judged } = snapshotOf(facts, [check(status, "cluster")]);
    const accepted = history.accepted();
    note(history, later(seconds, { facts: { ...facts, standbys: {} }, checks, judged }));
    return accepted;
  };
  expect(() => acceptSeen(join(folder, "nothing"))).toThrow(
    "The monitor keeps no history, so it knows no earlier cluster.",
  );
  expect(() => acceptSeen(place)).toThrow("The monitor has not seen the primary yet.");
  look(0, "1", "good");
  expect(acceptSeen(place)).toEqual({
    ...{ seen: { systemIdentifier: "1", timeline: 4 }, accepted: false },
  });
  expect(look(10, "2", "failed")).toBeUndefined();
  expect(acceptSeen(place)).toEqual({
    ...{ seen: { systemIdentifier: "2", timeline: 4 }, accepted: true },
  });
  // What was accepted is not there any more.
  expect(look(20, "3", "failed")).toEqual({ systemIdentifier: "2", timeline: 4 });
  expect(look(30, "2", "failed")).toBeUndefined();
  expect(history.knownSystem()).toBe("1");
  acceptSeen(place);
  // A look without an answer takes nothing.
  const away = { ...healthy.facts, primary: { unknown: "" } };
  expect(history.accepted()).toEqual({ systemIdentifier: "2", timeline: 4 });
  note(history, later(40, { facts: away }));
  expect(history.knownSystem()).toBe("1");
  expect(look(50, "2", "failed")).toEqual({ systemIdentifier: "2", timeline: 4 });
  expect(history.knownSystem()).toBe("2");
  expect(look(60, "2", "good")).toBeUndefined();
  history.close();
  expect(open(place).history.knownSystem()).toBe("2");
});

test("days are those of the time zone, also when clocks change", () => {
  const iso = (starts: number[]) =>
    starts.map((one) => new Date(one * 1000).toISOString().slice(0, 16));
  expect(iso(dayStarts(new Date("2026-10-25T12:00:00Z"), "Europe/London", 3))).toEqual([
    ...["2026-10-22T23:00", "2026-10-23T23:00", "2026-10-24T23:00", "2026-10-26T00:00"],
  ]);
  expect(iso(dayStarts(new Date("2026-11-30T00:00:00Z"), "Etc/UTC", 2))).toEqual([
    ...["2026-11-29T00:00", "2026-11-30T00:00", "2026-12-01T00:00"],
  ]);
  expect(iso(dayStarts(new Date("2026-11-30T18:29:59Z"), "Asia/Kolkata", 2))).toEqual([
    ...["2026-11-28T18:30", "2026-11-29T18:30", "2026-11-30T18:30"],
  ]);
});

test("a day has its verdicts, runs and lag; what was not looked at is unknown", () => {
  const { history } = open();
  const minutes = (from: number, to: number, snapshot: (s: number) => Snapshot) => {
    for (let s = from; s < to; s += 60) note(history, snapshot(s));
  };
  minutes(0, 600, (s) => later(s));
  minutes(600, 900, (s) => undated(s, check("failed")));
  // An hour without a look.
  minutes(4500, 4860, (s) => undated(s, check("degraded")));
  const days = history.days(at(4800), "Europe/London");
  expect(days).toHaveLength(30);
  const [first] = days;
  expect(first).toEqual({
    from: unix - 11_232 - 29 * 86_400,
    to: unix - 11_232 - 28 * 86_400,
    verdicts: {},
    jobs: {},
  });
  expect(days[29]!.verdicts).toEqual({ healthy: 600, unhealthy: 240, degraded: 300 });
  expect(days[29]!.jobs["dump"]).toEqual({ success: 1, failed: 0 });
  expect(days[28]!.jobs["drill"]).toEqual({ success: 1, failed: 0 });
  expect(days[29]!.lag).toBe(1.8);
});

test("an outage has its beginning, its end and its sentence, the newest first", () => {
  const { history } = open();
  note(history, undated(0, check("good"), check("good", "two")));
  note(history, undated(60, check("failed"), check("good", "two")));
  note(history, undated(120, check("good"), check("degraded", "two")));
  expect(history.outages(at(120))).toEqual([
    { name: "two", status: "degraded", sentence: "degraded.", began: unix + 120 },
    { name: "one", status: "failed", sentence: "failed.", began: unix + 60, ended: unix + 120 },
  ]);
});

test("what is older than 400 days goes, and raw lag after a day", () => {
  const { history, at: place } = open();
  note(history, undated(0, check("failed")));
  note(history, undated(60, check("good")));
  note(history, undated(2 * 86_400, check("good")));
  const raw = `SELECT count(*) FROM points WHERE step = 10 AND at < ${unix + 86_400}`;
  expect(ask(place, raw)).toEqual([[0]]);
  expect(ask(place, "SELECT count(*) FROM changes WHERE name = 'one'")).toEqual([[2]]);
  // Another look, so that the time does not leap.
  note(history, undated(380 * 86_400, check("good")));
  expect(ask(place, "SELECT count(*) FROM changes WHERE name = 'one'")).toEqual([[2]]);
  note(history, undated(401 * 86_400, check("good")));
  expect(ask(place, "SELECT count(*) FROM changes WHERE name = 'one'")).toEqual([[0]]);
  expect(ask(place, "SELECT count(*) FROM points WHERE step = 60")).toEqual([[2]]);
  // The state of now is still known.
  expect(history.sinceOf("one", "good")).toBe(at(60).toISOString());
});

test("a clock that leaps ahead deletes nothing, until the monitor has looked by it for a week", () => {
  const { history, at: place } = open();
  const day = 86_400;
  const changes = () => ask(place, "SELECT count(*) FROM changes WHERE name = 'one'");
  note(history, undated(0, check("failed")));
  note(history, undated(60, check("good")));
  for (const seconds of [500 * day, 500 * day + 3600, 506 * day]) {
    note(history, undated(seconds, check("good")));
    expect(changes()).toEqual([[2]]);
  }
  // It was wrong, and is right again.
  note(history, undated(7200, check("good")));
  expect(changes()).toEqual([[2]]);
  // It was right.
  note(history, undated(507 * day, check("good")));
  expect(changes()).toEqual([[0]]);
});

test("the file stays within its bound: the oldest goes first, and that is said", () => {
  const most = 256 * 1024;
  const { history, at: place } = open(undefined, most);
  const sentence = "x".repeat(500);
  for (let i = 0; i < 900; i++)
    note(history, undated(i * 600, { name: "one", status: i % 2 ? "good" : "failed", sentence }));
  expect(history.problem()).toBeUndefined();
  expect(statSync(join(place, "history.sqlite")).size).toBeLessThanOrEqual(most);
  expect(statSync(join(place, "history.sqlite-wal")).size).toBeLessThanOrEqual(5 * 1024 * 1024);
  expect(said[0]).toMatch(
    /^The history is as large as it may be, so only the last \d+ days of it are kept\.$/,
  );
  expect(history.sinceOf("one", "good")).toBe(at(899 * 600).toISOString());
  const [[newest]] = ask(place, "SELECT max(at) FROM changes") as [[number]];
  expect(newest).toBe(unix + 899 * 600);
});

test("a damaged file is moved aside and named, and the history goes on", () => {
  const place = join(folder, "damaged");
  const first = open(place).history;
  note(first, undated(0, check("failed")));
  first.close();
  const whole = readFileSync(join(place, "history.sqlite"));
  for (const content of [
    "this is no database, and long enough to be looked at ".repeat(100),
    spoilt(whole),
  ]) {
    said.splice(0);
    writeFileSync(join(place, "history.sqlite"), content);
    const { history } = open(place);
    const aside =
      /is damaged. It is kept as (history-damaged-\S+\.sqlite), and a new one begins\.$/.exec(
        said[0]!,
      );
    expect(readFileSync(join(place, aside![1]!)).equals(Buffer.from(content))).toBe(true);
    note(history, undated(60, check("good")));
    expect(history.sinceOf("one", "good")).toBe(at(60).toISOString());
    history.close();
    expect(ask(place, "PRAGMA integrity_check")).toEqual([["ok"]]);
  }
});

/** The pages behind the first one are full of something else. */
function spoilt(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  copy.fill(0x5a, 4096);
  return copy;
}

test("a file of a newer program is moved aside, and kept", () => {
  const { history, at: place } = open();
  history.close();
  ask(place, "PRAGMA user_version = 2");
  open(place);
  expect(said).toEqual([
    expect.stringMatching(
      /^The history was written by a newer program. It is kept as history-newer-\S+\.sqlite, and a new one begins\.$/,
    ),
  ]);
  expect(readdirSync(place).filter((name) => name.startsWith("history-newer-"))).toHaveLength(1);
});

test("a folder that cannot be written is said, what is known stays known, and it goes on when it can", () => {
  const place = join(folder, "file");
  writeFileSync(place, "a file");
  const { history } = open(place);
  note(history, undated(0, check("failed")));
  note(history, undated(60, check("failed")));
  expect(said).toEqual([expect.stringMatching(/^The history cannot be kept: (Error: )?EEXIST/)]);
  expect(history.problem()).toBe(said[0]);
  expect(history.sinceOf("one", "failed")).toBe(at(0).toISOString());
  expect(history.days(at(60), "Etc/UTC")).toHaveLength(30);
  rmSync(place);
  note(history, undated(3700, check("failed")));
  expect(said.slice(1)).toEqual(["The history is kept again."]);
  expect(history.problem()).toBeUndefined();
  expect(ask(place, "SELECT status, since FROM states WHERE name = 'one'")).toEqual([
    ["failed", at(0).toISOString()],
  ]);
});

test("a full disk is said, once an hour at most, and stops nothing", () => {
  // A limit on the size of a file is a disk that is full, for the process that has it.
  const program = join(__dirname, "../../../support/fullDisk.ts");
  const place = join(folder, "full");
  const script = `trap '' XFSZ; ulimit -f 200; exec "$0" --import tsx "$1" "$2"`;
  const out = execFileSync("bash", ["-c", script, process.execPath, program, place], {
    encoding: "utf8",
  });
  const { sentences, since } = JSON.parse(out) as {
    sentences: string[];
    since: string;
  };
  // Five hundred minutes.
  expect(sentences.length).toBeLessThanOrEqual(9);
  expect(sentences[0]).toMatch(
    /^The history cannot be kept: (disk I\/O error|database or disk is full)\.$/,
  );
  expect(since).toBe(at(499 * 60).toISOString());
  const again = open(place).history;
  const kept = again.sinceOf("one", "failed") ?? again.sinceOf("one", "good") ?? "";
  expect(kept >= at(0).toISOString() && kept <= at(500 * 60).toISOString()).toBe(true);
  expect(ask(place, "PRAGMA integrity_check")).toEqual([["ok"]]);
});
