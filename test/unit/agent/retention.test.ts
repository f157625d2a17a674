import type { DatedDump } from "../../../contract/dumpOrder";
import type { Past } from "../../../scripts/agent/dump/ages";
import { expired } from "../../../scripts/agent/dump/retention";

const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
const start = Date.parse("2026-11-01T03:00:00Z");
const at = (day: number) => new Date(start + day * DAY);
const dump = (day: number): DatedDump & { day: number } => ({
  ...{ day, id: `app/${day}`, number: day + 1 },
  takenAt: at(day).toISOString(),
});
const days = (dumps: { day: number }[]) => dumps.map(({ day }) => day).sort((a, b) => a - b);
/** The record of a run. Of a run that failed: without a dump. */
const run = (day: number, folder?: string): Past["runs"][number] => {
  const database = { database: "app", detail: "", seconds: 1 };
  return {
    endedAt: new Date(at(day).getTime() + 60_000).toISOString(),
    databases: [
      folder ? { ...database, result: "success", folder } : { ...database, result: "failed" },
    ],
  };
};
/** What is known when a dump was just made, with a run each day. */
const past = (day: number, runs: Past["runs"] = []): Past => ({
  now: at(day),
  regular: 2 * DAY,
  runs,
});

/** Thirty days with a run each; retention only ever runs after a good one. */
function simulate(failed: readonly number[], policy: Parameters<typeof expired>[1]) {
  let there: ReturnType<typeof dump>[] = [];
  const runs: Past["runs"][number][] = [];
  const history: number[][] = [];
  for (let day = 0; day < 30; day++) {
    const good = !failed.includes(day);
    if (good) {
      there.push(dump(day));
      const gone = expired(there, policy, past(day, runs)).expired;
      there = there.filter((one) => !gone.includes(one));
    }
    runs.push(run(day, good ? `app/${day}` : undefined));
    history.push(days(there));
  }
  return history;
}

const week = { retentionDays: 7, retentionCount: 3 };

test("keeps a week of daily dumps", () => {
  expect(simulate([], week).at(-1)).toEqual([22, 23, 24, 25, 26, 27, 28, 29]);
});

test("ten failed days in a row take nothing away, and count outlasts age", () => {
  const failed = [15, 16, 17, 18, 19, 20, 21, 22, 23, 24];
  const history = simulate(failed, week);
  for (const day of failed) expect(history[day]).toEqual([7, 8, 9, 10, 11, 12, 13, 14]);
  // The next good day removes what is too old, but three stay.
  expect(history[25]).toEqual([13, 14, 25]);
  expect(history[26]).toEqual([14, 25, 26]);
  expect(history[27]).toEqual([25, 26, 27]);
});

test("ten failed days here and there", () => {
  const failed = [0, 3, 4, 9, 10, 11, 20, 26, 28, 29];
  const history = simulate(failed, week);
  expect(history.at(-1)).toEqual([21, 22, 23, 24, 25, 27]);
  for (const [day, there] of history.entries()) {
    const good = Array.from({ length: day + 1 }, (_, n) => n).filter((n) => !failed.includes(n));
    // The newest three good ones are there on every day, whatever happened.
    expect(there.slice(-3)).toEqual(good.slice(-3));
  }
});

test("the last good dump stays, however old and whatever is configured", () => {
  const policy = { retentionDays: 0, retentionCount: 0 };
  expect(expired([dump(0)], policy, past(400)).expired).toEqual([]);
  expect(expired([dump(0), dump(1)], policy, past(1)).expired).toEqual([dump(0)]);
});

test("age alone removes nothing, and neither does count", () => {
  const policy = { retentionDays: 1, retentionCount: 2 };
  expect(expired([dump(0), dump(1)], policy, past(100)).expired).toEqual([]);
  const today = [0, 0.1, 0.2, 0.3].map(dump);
  expect(expired(today, policy, past(0.4)).expired).toEqual([]);
  expect(days(expired(today, policy, past(1.25)).expired)).toEqual([0, 0.1]);
});

describe("a clock that is wrong", () => {
  /** Ten dumps, an hour apart, and the records of their runs. */
  const ten = Array.from({ length: 10 }, (_, hour) => dump(hour / 24));
  const tenRuns = ten.map(({ day, id }) => run(day, id));
  const years = 3652;
  const later = (hours: number) => ({
    ...dump(years + hours / 24),
    ...{ id: `app/later-${hours}`, number: 11 + hours },
  });

  test.each([
    ["with the records of their runs", tenRuns],
    ["without them", []],
  ])("ten years ahead, it removes none of ten dumps, %s", (_, runs) => {
    const decision = expired([...ten, later(0)], week, past(years, runs));
    expect(decision).toEqual({
      expired: [],
      held:
        "8 dumps stay that are older than 7 days by the clock: 3652 days between two runs do not count, " +
        "because the clock may have been wrong.",
    });
  });

  test("it goes on being ten years ahead: they expire when a week of runs has passed", () => {
    const hours = Array.from({ length: 24 * 8 }, (_, hour) => hour);
    const there = [...ten, ...hours.map(later)];
    const runs = [...tenRuns, ...hours.map((hour) => run(years + hour / 24, later(hour).id))];
    const gone = (hour: number) =>
      expired(there.slice(0, 11 + hour), week, past(years + hour / 24, runs.slice(0, 10 + hour)));
    expect(gone(6 * 24).expired).toEqual([]);
    // Nine hours of runs were before the jump.
    expect(gone(7 * 24 - 9).expired).toEqual([ten[0]]);
    expect(days(gone(7 * 24).expired)).toEqual(days(ten));
    expect(gone(7 * 24).held).toBeUndefined();
  });

  test("one dump in the future keeps all, and its sentence says how to go on", () => {
    const decision = expired(
      [...ten, later(0), { ...dump(20), number: 12 }],
      week,
      past(20, tenRuns),
    );
    expect(decision).toEqual({
      expired: [],
      held:
        "app/later-0 lies in the future: the clock of the agent's machine was wrong when it was made, or is wrong now. " +
        "Retention removes no dump of its database until the clock is right, or delete-dump has removed this one.",
    });
    expect(expired([...ten, dump(0.5)], week, past(0.5, tenRuns))).toEqual({ expired: [] });
  });

  test("set back by a year, the newest is the one with the highest number", () => {
    const back = { ...dump(-365), id: "app/back", number: 11 };
    const policy = { retentionDays: 1, retentionCount: 1 };
    const gone = expired([...ten, back], policy, past(-365, tenRuns)).expired;
    expect(gone).toEqual([]);
    // The clock is right again, and a year lies between two runs that follow each other.
    const right = { ...dump(0.5), id: "app/right", number: 12 };
    const runs = [...tenRuns, run(-365, "app/back")];
    expect(expired([...ten, back, right], policy, past(0.5, runs)).expired).toEqual([]);
  });

  test("a dump that no record names is as old as its neighbours", () => {
    const four = [0, 1, 2, 3].map(dump);
    const runs = [run(0, "app/0"), run(2, "app/2")];
    const policy = { retentionDays: 1, retentionCount: 1 };
    expect(days(expired(four, policy, past(3, runs)).expired)).toEqual([0, 1]);
    const jumped = [dump(0), dump(1), { ...dump(900), number: 3 }];
    expect(expired(jumped, policy, past(900, [run(0, "app/0")])).expired).toEqual([]);
  });
});
