import { expired } from "../../../scripts/agent/dump/retention";

const DAY = 24 * 3600 * 1000;
const start = Date.parse("2026-11-01T03:00:00Z");
const at = (day: number) => new Date(start + day * DAY);
const dump = (day: number) => ({ day, takenAt: at(day).toISOString() });
const days = (dumps: { day: number }[]) => dumps.map(({ day }) => day).sort((a, b) => a - b);

/** Thirty days with a run each; retention only ever runs after a good one. */
function simulate(failed: readonly number[], policy: Parameters<typeof expired>[1]) {
  let there: { day: number; takenAt: string }[] = [];
  const history: number[][] = [];
  for (let day = 0; day < 30; day++) {
    if (!failed.includes(day)) {
      there.push(dump(day));
      const gone = expired(there, policy, at(day));
      there = there.filter((one) => !gone.includes(one));
    }
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
  expect(expired([dump(0)], policy, at(400))).toEqual([]);
  expect(expired([dump(0), dump(1)], policy, at(400))).toEqual([dump(0)]);
});

test("age alone removes nothing, and neither does count", () => {
  const policy = { retentionDays: 1, retentionCount: 2 };
  expect(expired([dump(0), dump(1)], policy, at(100))).toEqual([]);
  const today = [0, 0.1, 0.2, 0.3].map(dump);
  expect(expired(today, policy, at(0.4))).toEqual([]);
  expect(days(expired(today, policy, at(1.25)))).toEqual([0, 0.1]);
});
