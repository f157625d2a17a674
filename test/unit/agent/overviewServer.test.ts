import { writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { AgentOverview } from "../../../contract/agentOverview";
import type { Context } from "../../../scripts/agent/kit/context";
import { overview } from "../../../scripts/agent/overview/overview";
import { listenForMonitor } from "../../../scripts/agent/server/overviewServer";
import { DumpsFolder } from "../../support/unit/dumpsFolder";

const token = "of-the-monitor";
let dumps: DumpsFolder;
let server: FastifyInstance | undefined;
beforeEach(() => (dumps = new DumpsFolder()));
afterEach(async () => {
  await server?.close();
  dumps.remove();
});

async function listening(running = () => [] as never[]): Promise<number> {
  const { context } = dumps;
  writeFileSync(join(context.paths.etc, "overview-token"), `${token}\n`);
  const config = { ...context.config, timeZone: "Etc/UTC", overview: { port: 0 } };
  config.dumps = { ...config.dumps, databases: [] };
  const own = { ...context, config } as Context;
  server = await listenForMonitor(own, () => overview({ context: own, running }));
  return (server!.server.address() as AddressInfo).port;
}

async function ask(
  port: number,
  path = "/overview",
  { method = "GET", authorization = `Bearer ${token}` }: Record<string, string> = {},
): Promise<{ status: number | undefined; body: string }> {
  const asked = request({ port, path, method, headers: { authorization }, agent: false });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of answer) body += String(chunk);
  return { status: answer.statusCode, body };
}

it("answers the monitor what the agent knows", async () => {
  const { status, body } = await ask(await listening());
  expect(status).toBe(200);
  const { timeZone, jobs, scheduler } = JSON.parse(body) as AgentOverview;
  expect({ timeZone, jobs, scheduler }).toEqual({
    ...{ timeZone: "Etc/UTC", jobs: [], scheduler: { beatAt: null } },
  });
});

it.each([
  ["without a token", ""],
  ["with another one", "Bearer of-the-monito"],
  ["with a longer one", `Bearer ${token}x`],
  ["by another scheme", `Basic ${Buffer.from(`:${token}`).toString("base64")}`],
])("refuses a question %s, whatever it asks for", async (_, authorization) => {
  const port = await listening();
  for (const path of ["/overview", "/else"]) {
    expect(await ask(port, path, { authorization })).toEqual({
      status: 401,
      body: '{"error":"No token."}',
    });
  }
});

it.each([
  ["POST", "/overview"],
  ["HEAD", "/overview"],
  ["GET", "/commands/dump"],
  ["POST", "/commands/dump"],
  ["DELETE", "/overview"],
])("has nothing else: %s %s", async (method, path) => {
  expect((await ask(await listening(), path, { method })).status).toBe(404);
});

it("says nothing of what went wrong but in its log", async () => {
  const port = await listening(() => {
    throw new Error("of the inside");
  });
  expect(await ask(port)).toEqual({ status: 500, body: '{"error":"It failed."}' });
  expect(dumps.log.join()).toContain("of the inside");
});

it("still answers while others hold connections and say nothing", async () => {
  const port = await listening();
  const idle = Array.from({ length: 7 }, () => connect(port, "127.0.0.1"));
  await Promise.all(idle.map((one) => once(one, "connect")));
  expect((await ask(port)).status).toBe(200);
  idle.forEach((one) => one.destroy());
});

it("listens to nobody where the stack has no monitor", async () => {
  const { context } = dumps;
  expect(await listenForMonitor(context, () => Promise.reject(new Error("x")))).toBeUndefined();
});
