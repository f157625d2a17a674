import type Docker from "dockerode";
import { execIn } from "../../../scripts/engine/exec";
import { GaveUp, untilReady } from "../../../scripts/engine/untilReady";

jest.mock("../../../scripts/engine/exec");

const engine = (inspect: () => Promise<unknown>) =>
  ({
    getContainer: () => ({
      inspect,
      logs: () => Promise.resolve(Buffer.from("laterbase: failed: no WAL\n")),
    }),
  }) as unknown as Docker;

const info = (Running: boolean, RestartCount = 0) => ({
  State: { Running, Restarting: false, ExitCode: 1 },
  RestartCount,
});

const wait = (inspect: () => Promise<unknown>) =>
  untilReady(engine(inspect), "x", () => undefined).then(
    () => new Error("ready"),
    (error: Error) => error,
  );

it.each([
  ["ended", info(false)],
  ["ends again and again", info(true, 3)],
])("says of a container that %s that it gave up", async (_, seen) => {
  jest.mocked(execIn).mockResolvedValue({ code: 1, stdout: "", stderr: "" });
  const error = await wait(() => Promise.resolve(seen));
  expect([error instanceof GaveUp, error.message]).toEqual([
    true,
    "it ended with exit code 1: no WAL",
  ]);
});

it("says of a container that reports a failure that it gave up", async () => {
  const stdout = '{"state":"failed","detail":"no WAL"}';
  jest.mocked(execIn).mockResolvedValue({ code: 1, stdout, stderr: "" });
  const error = await wait(() => Promise.resolve(info(true)));
  expect([error instanceof GaveUp, error.message]).toEqual([true, "no WAL"]);
});

it("does not say so where the engine does not answer", async () => {
  const error = await wait(() => Promise.reject(new Error("socket hang up")));
  expect([error instanceof GaveUp, error.message]).toEqual([false, "socket hang up"]);
});
