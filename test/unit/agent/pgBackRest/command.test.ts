import { PassThrough } from "node:stream";
import { execa } from "execa";
import type { Context } from "../../../../scripts/agent/kit/context";
import { pgBackRest } from "../../../../scripts/agent/pgBackRest/command";

jest.mock("execa", () => ({ execa: jest.fn() }));

const context = { config: { major: 17, backups: { stanza: "main" } } } as unknown as Context;
const hours = (count: number) => count * 3_600_000;

beforeEach(() => jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate"] }));
afterEach(() => jest.useRealTimers());

/** A pgBackRest that hangs until it is ended, or also then. */
function hanging({ ends = true } = {}) {
  const stdout = new PassThrough();
  let end: (ran: object) => void = () => undefined;
  const child = new Promise((resolve) => (end = resolve));
  const exit = () => {
    stdout.end();
    end({ exitCode: 63, stdout: "", stderr: "" });
  };
  const kill = jest.fn(() => (ends ? exit() : undefined));
  jest.mocked(execa).mockReturnValue(Object.assign(child, { kill, stdout }) as never);
  const say = async (line: string) => {
    stdout.write(`${line}\n`);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { kill, say, exit };
}

/** How a run ends, in one sentence. Undefined so far: it goes on. */
function sentenceOf(run: Promise<unknown>) {
  const said: { end?: string } = {};
  run.catch((error: unknown) => (said.end = (error as Error).message));
  return said;
}

it("ends a question to a repository that hangs", async () => {
  const { kill } = hanging();
  const said = sentenceOf(pgBackRest(context, ["info", "--repo=2"]));
  await jest.advanceTimersByTimeAsync(hours(1 / 6) - 1);
  expect([kill.mock.calls.length, said.end]).toEqual([0, undefined]);
  await jest.advanceTimersByTimeAsync(1);
  expect(kill).toHaveBeenCalledWith("SIGTERM", { forceKillAfterTimeout: 10_000 });
  expect(said.end).toBe("pgBackRest did not answer within 10 min.");
});

it("ends a backup that does nothing for six hours, however long it has gone on before", async () => {
  const { kill, say } = hanging();
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  const said = sentenceOf(pgBackRest(context, ["backup", "--repo=2"], { onLine }));
  for (let file = 0; file < 4; file++) {
    await jest.advanceTimersByTimeAsync(hours(5));
    await say(`file ${file}`);
  }
  await jest.advanceTimersByTimeAsync(hours(6) - 1);
  expect([lines.length, kill.mock.calls.length]).toEqual([4, 0]);
  await jest.advanceTimersByTimeAsync(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(said.end).toBe("pgBackRest did nothing for 6.0 h, so it was ended.");
});

it("ends a list of files after an hour, and any command after the time that its caller gives", async () => {
  hanging();
  const list = sentenceOf(pgBackRest(context, ["repo-ls"]));
  await jest.advanceTimersByTimeAsync(hours(1) - 1);
  expect(list.end).toBeUndefined();
  await jest.advanceTimersByTimeAsync(1);
  expect(list.end).toBe("pgBackRest did not answer within 60 min.");
  hanging();
  const asked = sentenceOf(pgBackRest(context, ["verify"], { seconds: 30 }));
  await jest.advanceTimersByTimeAsync(30_000);
  expect(asked.end).toBe("pgBackRest did not answer within 30 s.");
});

it("does not say that a command did nothing where nobody heard it", async () => {
  hanging();
  const said = sentenceOf(pgBackRest(context, ["expire", "--repo=1"]));
  await jest.advanceTimersByTimeAsync(hours(6));
  expect(said.end).toBe("pgBackRest did not answer within 6.0 h.");
});

it("refuses only the repository whose disk is dead", async () => {
  const runs = Array.from({ length: 2 }, () => {
    const { exit } = hanging({ ends: false });
    return { exit, said: sentenceOf(pgBackRest(context, ["info", "--repo=2"], { seconds: 30 })) };
  });
  await jest.advanceTimersByTimeAsync(50_000);
  await expect(pgBackRest(context, ["repo-ls", "--repo=2"])).rejects.toThrow(
    "2 processes of pgBackRest of repository 2 wait for a disk or a share that does not answer, and cannot be ended.",
  );
  const others = [["info", "--repo=1"], ["info"]].map((words) => {
    hanging();
    return sentenceOf(pgBackRest(context, words, { seconds: 30 }));
  });
  await jest.advanceTimersByTimeAsync(30_000);
  const late = "pgBackRest did not answer within 30 s.";
  expect(others.map(({ end }) => end)).toEqual([late, late]);
  for (const { exit } of runs) exit();
  await new Promise((resolve) => setImmediate(resolve));
  hanging();
  const again = sentenceOf(pgBackRest(context, ["info", "--repo=2"], { seconds: 30 }));
  await jest.advanceTimersByTimeAsync(30_000);
  expect(again.end).toBe(late);
});

it("waits for no process that cannot be ended, and begins no more where ten are left", async () => {
  const runs = Array.from({ length: 10 }, () => {
    const { exit } = hanging({ ends: false });
    return { exit, said: sentenceOf(pgBackRest(context, ["info"], { seconds: 30 })) };
  });
  await jest.advanceTimersByTimeAsync(50_000 - 1);
  expect(runs[0]!.said.end).toBeUndefined();
  await jest.advanceTimersByTimeAsync(1);
  expect(runs.map(({ said }) => said.end)).toEqual(
    runs.map(() => "pgBackRest did not answer within 30 s."),
  );
  const begun = jest.mocked(execa).mock.calls.length;
  await expect(pgBackRest(context, ["info"])).rejects.toThrow(
    "10 processes of pgBackRest wait for a disk or a share that does not answer, and cannot be ended.",
  );
  expect(jest.mocked(execa).mock.calls).toHaveLength(begun);
  for (const { exit } of runs) exit();
  await new Promise((resolve) => setImmediate(resolve));
  hanging();
  const said = sentenceOf(pgBackRest(context, ["info"], { seconds: 30 }));
  await jest.advanceTimersByTimeAsync(30_000);
  expect(said.end).toBe("pgBackRest did not answer within 30 s.");
});
