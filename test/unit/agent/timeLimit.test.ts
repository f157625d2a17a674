import { timeLimit } from "../../../scripts/agent/kit/timeLimit";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const limitOf = (seconds: number, caller = new AbortController().signal) =>
  timeLimit(seconds, "laterbase:dumps.timeout", caller);

it.each([
  ["minutes", 3000],
  // Node's timers take 596 h 31 m, and the schema takes all of these.
  ["the longest timer and a bit", 2 ** 31 / 1000],
  ["the most that the schema takes", 99_999 * 3600],
])("ends work after %s, and not before", (_what, seconds) => {
  const { signal } = limitOf(seconds);
  jest.advanceTimersByTime(seconds * 1000 - 1);
  expect(signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(signal.reason).toMatchObject({
    message: expect.stringMatching(
      /^It was ended after .*, the limit that laterbase:dumps\.timeout sets\.$/,
    ),
  });
});

it("leaves no timer, however far it came", () => {
  const { signal, clear } = limitOf(3000 * 3600);
  jest.advanceTimersByTime(2000 * 3_600_000);
  clear();
  expect(jest.getTimerCount()).toBe(0);
  expect(signal.aborted).toBe(false);
});
