import type { Context } from "../../../scripts/agent/kit/context";
import * as dumps from "../../../scripts/agent/dump/finished";
import type { FinishedDump } from "../../../scripts/agent/dump/finished";
import { Failure } from "../../../scripts/agent/kit/failure";
import * as records from "../../../scripts/agent/kit/records";
import { Agent } from "../../../scripts/agent/server/agent";
import { MissedRuns } from "../../../scripts/agent/server/missedRuns";
import type * as Rounds from "../../support/unit/rounds";
import { roundDone } from "../../support/unit/rounds";

jest.mock("../../../scripts/agent/kit/records", () => ({
  lastRun: jest.fn(() => Promise.resolve()),
  readRecord: jest.fn(() => Promise.resolve()),
  writeRecord: jest.fn(() => Promise.resolve()),
}));
jest.mock("../../../scripts/agent/dump/finished");
// A round waits for the next one, until it is stopped.
jest.mock(
  "node:timers/promises",
  () => jest.requireActual<typeof Rounds>("../../support/unit/rounds").waitingTimers,
);

const context = {
  config: {
    dumps: { databases: "*", schedule: { text: "0 0 29 2 *", fields: ["0", "0", "29", "2", "*"] } },
    timeZone: "Etc/UTC",
  },
  log: () => undefined,
} as unknown as Context;

/** Later than whatever was due. */
const recent = new Date(Date.now() - 1000).toISOString();
const dumpOf = (name: string, takenAt = recent) =>
  ({ id: name, manifest: { database: { name }, takenAt } }) as FinishedDump;

const never = new AbortController().signal;
const record = { result: "success", endedAt: "2026-01-01T00:00:00Z" };

/** What the first runs of a worker are asked for, with an operator's run under way before them. */
async function firstDumps(operators?: () => void): Promise<unknown> {
  const asked: unknown[] = [];
  const agent = new Agent(context, async (command, args) => {
    if (command === "databases") return ["app", "other"];
    if (args["trigger"] === "operator") {
      await new Promise((resolve) => setTimeout(resolve, 10));
      operators?.();
    } else asked.push(args);
    return record;
  });
  if (operators) void agent.run("dump", {}, () => undefined, never);
  const stopped = new AbortController();
  const done = roundDone();
  const watching = new MissedRuns(agent, () => undefined).watch(stopped.signal);
  const ended = watching.catch(() => undefined);
  await done;
  stopped.abort();
  await ended;
  return asked;
}

it("first dumps every database without a dump", async () => {
  jest.mocked(dumps.finishedDumps).mockResolvedValue([dumpOf("app")]);
  expect(await firstDumps()).toEqual([
    { trigger: "start", databases: ["other"], acceptSmaller: false },
  ]);
});

it("makes up for what was due since: for all of them without naming them, for some by their names", async () => {
  const old = "2020-01-01T00:00:00Z";
  const all = [dumpOf("app", old), dumpOf("other", old)];
  jest.mocked(dumps.finishedDumps).mockResolvedValue(all);
  expect(await firstDumps()).toEqual([{ trigger: "catch-up", acceptSmaller: false }]);
  jest.mocked(dumps.finishedDumps).mockResolvedValue([dumpOf("app"), dumpOf("other", old)]);
  expect(await firstDumps()).toEqual([
    { trigger: "catch-up", databases: ["other"], acceptSmaller: false },
  ]);
});

it("does not dump again what an operator was just dumping", async () => {
  jest.mocked(dumps.finishedDumps).mockResolvedValue([]);
  const asked = await firstDumps(() => {
    jest.mocked(dumps.finishedDumps).mockResolvedValue([dumpOf("app"), dumpOf("other")]);
  });
  expect(asked).toEqual([]);
});

it("makes up for a database that the last run did not try, and that has failed since one before it", async () => {
  const old = "2020-01-01T00:00:00Z";
  jest.mocked(dumps.finishedDumps).mockResolvedValue([dumpOf("app", old), dumpOf("other", old)]);
  const run = (...names: string[]) =>
    ({
      ...{ trigger: "operator", result: "failed", endedAt: recent },
      databases: names.map((database) => ({ database, result: "failed" })),
    }) as never;
  jest.mocked(records.lastRun).mockResolvedValueOnce(run("other"));
  jest.mocked(records.readRecord).mockResolvedValueOnce(run("app", "other"));
  expect(await firstDumps()).toEqual([
    { trigger: "catch-up", databases: ["app"], acceptSmaller: false },
  ]);
});

it("says of a server that does not answer at the start that it keeps no more than the first dumps", async () => {
  const agent = new Agent(context, () => Promise.reject(new Failure("It is away.")));
  const stopped = new AbortController();
  const recorded = new Promise<void>((resolve) =>
    jest.mocked(records.writeRecord).mockImplementationOnce(() => Promise.resolve(resolve())),
  );
  const ended = new MissedRuns(agent, () => undefined).watch(stopped.signal).catch(() => undefined);
  await recorded;
  stopped.abort();
  await ended;
  expect(jest.mocked(records.writeRecord).mock.lastCall?.[1]).toMatchObject({
    ...{ job: "dump", trigger: "start", result: "failed", partial: true },
    detail: "No server can be dumped from yet: It is away.",
  });
});
