import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { Context } from "../../../scripts/agent/kit/context";
import { runInWorker } from "../../../scripts/agent/server/worker";

jest.mock("node:child_process", () => ({ spawn: jest.fn() }));

/** What a worker answers, and how it ends. */
async function run(answer: string, code: number | null, by: NodeJS.Signals | null) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const child = Object.assign(new EventEmitter(), { stdin, stdout, kill: () => true });
  jest.mocked(spawn).mockReturnValue(child as unknown as ChildProcess);
  const said: string[] = [];
  const context = { log: () => undefined } as unknown as Context;
  const { signal } = new AbortController();
  const result = runInWorker("backup", {}, context, (line) => said.push(line), signal);
  stdout.end(answer);
  stdout.once("close", () => setImmediate(() => child.emit("close", code, by)));
  return { result: await result.catch((error: unknown) => (error as Error).message), said };
}

it("passes on what a worker says and its result", async () => {
  expect(await run('{"progress":"10 %"}\n{"result":{"a":1}}\n', 0, null)).toEqual({
    ...{ result: { a: 1 }, said: ["10 %"] },
  });
});

it("survives a worker that is killed in the middle of a line", async () => {
  expect(
    await run('{"progress":"10 %"}\n{"result":{"repositories":[{"num', null, "SIGKILL"),
  ).toEqual({
    ...{ result: "The process of backup was ended by SIGKILL.", said: ["10 %"] },
  });
});
