import type { Context } from "../../../../../scripts/agent/kit/context";
import { together } from "../../../../../scripts/agent/kit/together";
import { Agent } from "../../../../../scripts/agent/server/agent";
import { patienceMs } from "../../../../../scripts/agent/server/worker";
import { afterDrill } from "../../../../../scripts/agent/server/afterDrill";
import { until } from "../../../../support/process";

const happened: string[] = [];
const mockCleanUp = jest.fn();
// The agent loads it late, by a name that only its bundler knows.
jest.mock(
  "../../../../../scripts/agent/pgBackRest/drill/cleanUp.js",
  () => ({ cleanUp: mockCleanUp, isSomethingLeft: () => Promise.resolve(true) }),
  { virtual: true },
);

const context = {
  config: { backups: { stanza: "main", repositories: [{ number: 1 }] }, dumps: { databases: [] } },
  paths: { records: "/nowhere" },
  log: () => undefined,
} as unknown as Context;
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeEach(() => {
  happened.splice(0);
  mockCleanUp.mockImplementation(async () => {
    happened.push("cleaning");
    await later(40);
    happened.push("clean");
  });
});

it("begins no drill while a clean-up is under way", async () => {
  const agent = new Agent(context, () => {
    happened.push("drill");
    return Promise.resolve({ result: "success", startedAt: new Date().toISOString() });
  });
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  mockCleanUp.mockImplementation(async () => {
    happened.push("cleaning");
    await ended;
    happened.push("clean");
  });
  const cleaning = afterDrill(context);
  const running = agent.backups.run("drill", {}, () => undefined, new AbortController().signal);
  await until("the clean-up begins", () => Promise.resolve(happened.length > 0));
  // Time for the drill to begin, if it did not wait.
  await later(50);
  expect(happened).toEqual(["cleaning"]);
  end();
  await Promise.all([running, cleaning]);
  expect(happened).toEqual(["cleaning", "clean", "drill", "cleaning", "clean"]);
});

it("ends all works before it ends, once they are stopped", async () => {
  const stopped = new AbortController();
  const slow = (async () => {
    await new Promise((resolve) => stopped.signal.addEventListener("abort", resolve));
    await later(30);
    happened.push("resumed");
  })();
  const quick = new Promise((_, reject) =>
    stopped.signal.addEventListener("abort", () => reject(new Error("stopped"))),
  );
  const all = together([slow, quick], stopped.signal);
  stopped.abort();
  await expect(all).rejects.toThrow("stopped");
  expect(happened).toEqual(["resumed"]);
  // Without being stopped, the first failure is told at once.
  const failure = Promise.reject(new Error("broken"));
  const endless = new Promise(() => undefined);
  await expect(together([endless, failure], new AbortController().signal)).rejects.toThrow(
    "broken",
  );
});

it("gives a drill the time to resume replay", () => {
  expect([patienceMs("drill"), patienceMs("backup")]).toEqual([45_000, 15_000]);
});
