import { type Jobs, keepUp } from "../../../scripts/agent/server/missedRuns";
import type { Context } from "../../../scripts/agent/kit/context";
import * as dump from "../../../scripts/agent/server/dumpJob";
import * as dumps from "../../../scripts/agent/dump/finished";
import type { FinishedDump } from "../../../scripts/agent/dump/finished";

jest.mock("../../../scripts/agent/server/worker", () => ({
  worker: () => () => Promise.resolve(["app", "other"]),
}));
jest.mock("../../../scripts/agent/kit/records", () => ({ readRecord: () => Promise.resolve() }));
jest.mock("../../../scripts/agent/server/dumpJob");
jest.mock("../../../scripts/agent/dump/finished");

const context = {
  config: {
    dumps: { schedule: { text: "0 0 29 2 *", fields: ["0", "0", "29", "2", "*"] } },
    timeZone: "Etc/UTC",
  },
  log: () => undefined,
} as unknown as Context;

const dumpOf = (name: string) =>
  ({ id: name, manifest: { database: { name }, takenAt: "2026-01-01T00:00:00Z" } }) as FinishedDump;

/** What the first dumps are asked of, once the run that is under way has ended. */
async function firstDumps(underWay: () => Promise<void>): Promise<unknown> {
  jest.mocked(dump.dumpsEnded).mockImplementation(underWay);
  jest.mocked(dump.isDumping).mockReturnValue(false);
  const stopped = new AbortController();
  const asked: unknown[] = [];
  const jobs: Jobs = {
    dump: (args) => Promise.resolve(args["trigger"] === "start" && asked.push(args)),
    upload: () => Promise.resolve(),
    tell: () => undefined,
  };
  const running = keepUp(context, jobs, stopped.signal).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  stopped.abort();
  await running;
  return asked;
}

it("first dumps every database that has none", async () => {
  jest.mocked(dumps.finishedDumps).mockResolvedValue([dumpOf("app")]);
  expect(await firstDumps(() => Promise.resolve())).toEqual([
    { trigger: "start", databases: ["other"], wait: true },
  ]);
});

it("does not dump again what an operator was just dumping", async () => {
  jest.mocked(dumps.finishedDumps).mockResolvedValue([]);
  const asked = await firstDumps(() => {
    jest.mocked(dumps.finishedDumps).mockResolvedValue([dumpOf("app"), dumpOf("other")]);
    return Promise.resolve();
  });
  expect(asked).toEqual([]);
});
