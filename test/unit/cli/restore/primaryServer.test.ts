import type Docker from "dockerode";
import { PrimaryServer } from "../../../../scripts/cli/restore/inPlace/primaryServer";
import { GaveUp, untilReady } from "../../../../scripts/engine/untilReady";
import { LocalPrimary } from "../../../../scripts/primary/localPrimary";

jest.mock("../../../../scripts/engine/untilReady", () => ({
  ...jest.requireActual<object>("../../../../scripts/engine/untilReady"),
  untilReady: jest.fn(),
}));

const runs = Object.assign(new Error("container already started"), { statusCode: 304 });

function server(starts: (Error | undefined)[]) {
  const start = jest.fn(() => {
    const answer = starts.shift();
    return answer ? Promise.reject(answer) : Promise.resolve();
  });
  const engine = { getContainer: () => ({ start }) } as unknown as Docker;
  return { start, server: new PrimaryServer(engine, "x-primary") };
}

afterEach(() => jest.restoreAllMocks());

it("starts a server again that ended by a stop from before", async () => {
  const ended = new Error("the primary x-primary is not running");
  const asked = jest.spyOn(LocalPrimary.prototype, "verifier");
  asked.mockRejectedValueOnce(ended).mockResolvedValue("SCRAM");
  const one = server([runs, undefined]);
  await one.server.start(() => undefined);
  expect([one.start.mock.calls.length, asked.mock.calls]).toEqual([2, [[2000], [undefined]]]);
});

it("starts a server once that does not come up", async () => {
  jest.mocked(untilReady).mockRejectedValue(new GaveUp("no WAL"));
  const one = server([undefined]);
  await expect(one.server.start(() => undefined)).rejects.toThrow("no WAL");
  expect(one.start).toHaveBeenCalledTimes(1);
});
