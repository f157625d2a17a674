import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json, text } from "node:stream/consumers";
import type { FastifyInstance } from "fastify";
import type { Reply } from "../../../contract/agentReplies";
import type { Context } from "../../../scripts/agent/kit/context";
import { Failure } from "../../../scripts/agent/kit/failure";
import { Agent } from "../../../scripts/agent/server/agent";
import { ask } from "../../../scripts/agent/server/client";
import { listen } from "../../../scripts/agent/server/httpServer";
import { socketPath } from "../../../scripts/agent/server/socketPath";
import type { runInWorker } from "../../../scripts/agent/server/worker";
import { until } from "../../support/process";

const run = mkdtempSync(join(tmpdir(), "lbt-socket-"));
const logged: string[] = [];
const context = {
  config: {},
  paths: { run, records: join(run, "records") },
  log: (sentence: string) => void logged.push(sentence),
} as unknown as Context;
const stopped = new AbortController();
let server: FastifyInstance;
let work: jest.MockedFunction<typeof runInWorker>;

beforeEach(async () => {
  logged.length = 0;
  work = jest.fn();
  server = await listen(new Agent(context, (...call) => work(...call)), stopped.signal);
});
afterEach(() => server.close());
afterAll(() => rmSync(run, { recursive: true }));

async function replies(command: string, args: Record<string, unknown> = {}): Promise<Reply[]> {
  const all: Reply[] = [];
  await ask({ run }, command, args, (reply) => all.push(reply));
  return all;
}

test("progress and the result come as they are made", async () => {
  work.mockImplementation((_command, args, _context, say) => {
    say("half");
    say("done\n");
    return Promise.resolve(args);
  });
  expect(await replies("verify-dump", { dump: "é" })).toEqual([
    { progress: "half" },
    { progress: "done\n" },
    { result: { dump: "é" } },
  ]);
  expect(work.mock.calls[0]?.[0]).toBe("verify-dump");
});

test("a failure is one sentence, a bug goes into the log as well", async () => {
  work.mockRejectedValueOnce(new Failure("It is damaged."));
  expect(await replies("verify-dump")).toEqual([{ error: "It is damaged." }]);
  expect(logged).toEqual([]);
  work.mockRejectedValueOnce(new Error("x is undefined"));
  expect(await replies("verify-dump")).toEqual([{ error: "x is undefined" }]);
  expect(logged).toEqual([expect.stringContaining("httpServer.test")]);
});

test("an unknown command is refused", async () => {
  expect(await replies("databases")).toEqual([
    { error: expect.stringMatching(/^There is no command "databases"\. There are dump, /) },
  ]);
});

test.each([
  ["not JSON", "secret{", "The request is not a JSON object."],
  ["a list", '["secret"]', "The request is not a JSON object."],
])("a request that is %s is refused, and not repeated", async (_, body, error) => {
  expect(await post("verify-dump", body)).toEqual({ error });
  expect(work).not.toHaveBeenCalled();
});

test("a request that is too large is refused before it is read", async () => {
  const socket = connect(socketPath({ run }));
  socket.on("error", () => undefined);
  const head =
    "POST /commands/verify-dump HTTP/1.1\r\nHost: agent\r\nContent-Type: application/json";
  socket.write(`${head}\r\nContent-Length: 70000\r\n\r\n`);
  const answer = await text(socket);
  const error = "The request is larger than 65536 bytes.";
  expect(answer).toContain(JSON.stringify({ error }));
});

test("a caller that goes away ends the command, unless the command outlives it", async () => {
  const seen: Record<string, AbortSignal> = {};
  let begun = () => {};
  let finish = () => {};
  work.mockImplementation((command, _args, _context, _say, signal) => {
    seen[command] = signal;
    begun();
    return new Promise((resolve) => (finish = () => resolve(null)));
  });
  const ends: Record<string, () => void> = {};
  // The server notices that each is gone in their order.
  for (const command of ["upload", "verify-dump"]) {
    const started = new Promise<void>((resolve) => (begun = resolve));
    const asked = request({ socketPath: socketPath({ run }), ...postTo(command) });
    asked.on("error", () => undefined);
    asked.end("{}");
    await started;
    ends[command] = finish;
    asked.destroy();
  }
  await until("the end is noticed", () => Promise.resolve(seen["verify-dump"]!.aborted));
  expect(seen["upload"]?.aborted).toBe(false);
  for (const end of Object.values(ends)) end();
});

test("an agent that is not there is a failure", async () => {
  await expect(ask({ run: "/nowhere" }, "dump", {}, () => undefined)).rejects.toThrow(
    new Failure("The agent is not running, or not ready yet."),
  );
});

const postTo = (command: string) => ({
  method: "POST" as const,
  path: `/commands/${command}`,
  headers: { "content-type": "application/json" },
});

function post(command: string, body: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: socketPath({ run }), ...postTo(command) }, (answer) => {
      json(answer).then(resolve, reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}
