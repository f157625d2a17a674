import { holdingExpire } from "../../../../scripts/cli/restore/holdExpire";
import type { Session } from "../../../../scripts/cli/session";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A session whose agent answers, or refuses with a sentence. */
function sessionOf(refusal?: string) {
  const asked: [string, unknown, unknown][] = [];
  const said: string[] = [];
  const session = {
    terminal: { progress: (line: string) => said.push(line) },
    askBackups: (command: string, { id, seconds }: Record<string, unknown>) => {
      asked.push([command, id, seconds]);
      return refusal === undefined ? Promise.resolve({}) : Promise.reject(new Error(refusal));
    },
  } as unknown as Session;
  return { session, asked, said };
}

it("holds the expire while a restore is at work, renews that each minute, and ends it", async () => {
  const { session, asked } = sessionOf();
  let end: (value: string) => void = () => undefined;
  const work = jest.fn(() => new Promise<string>((resolve) => (end = resolve)));
  const done = holdingExpire(session, work);
  expect(asked.map(([command, , seconds]) => [command, seconds])).toEqual([["hold-expire", 180]]);
  await jest.advanceTimersByTimeAsync(119_999);
  expect(work).toHaveBeenCalledTimes(1);
  expect(asked.map(([, , seconds]) => seconds)).toEqual([180, 180]);
  end("restored");
  expect(await done).toBe("restored");
  await jest.advanceTimersByTimeAsync(600_000);
  expect(asked.map(([, , seconds]) => seconds)).toEqual([180, 180, 0]);
  expect(new Set(asked.map(([, id]) => id)).size).toBe(1);
  expect(asked[0]?.[1]).toMatch(/^[0-9a-f]{16}$/);
});

it("ends it after a restore that failed", async () => {
  const { session, asked } = sessionOf();
  const failed = holdingExpire(session, () => Promise.reject(new Error("It failed.")));
  await expect(failed).rejects.toThrow("It failed.");
  expect(asked.map(([, , seconds]) => seconds)).toEqual([180, 0]);
});

it("waits ten seconds for an agent that does not answer, and ends the hold without the operator's signal", async () => {
  const { session, said } = sessionOf();
  const limits: AbortSignal[] = [];
  const timeout = jest.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    expect(ms).toBe(10_000);
    return AbortSignal.abort();
  });
  jest.spyOn(AbortSignal.prototype, "addEventListener").mockImplementation((_type, listener) => {
    (listener as () => void)();
  });
  session.askBackups = (_command, _args, limit) => {
    limits.push(limit!);
    return new Promise(() => undefined);
  };
  try {
    expect(await holdingExpire(session, () => Promise.resolve(1))).toBe(1);
  } finally {
    timeout.mockRestore();
    jest.restoreAllMocks();
  }
  expect(limits).toHaveLength(2);
  expect(said).toEqual([
    "Backups may expire while they are restored: The agent did not answer within 10 s.",
  ]);
});

it("restores without it where the agent cannot be asked, and says so", async () => {
  const { session, said } = sessionOf("There is no container x-agent.");
  expect(await holdingExpire(session, () => Promise.resolve(1))).toBe(1);
  expect(said).toEqual([
    "Backups may expire while they are restored: There is no container x-agent.",
  ]);
});
