import { Agent, request } from "node:http";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { pageServer } from "../scripts/agent/health/http/server";
import { healthy } from "../test/support/healthSnapshots";
import { type Figure, interleaved, type Measurement, median, percentile } from "./figure";

const clients = 10;

/** Measures the monitor's answer under ten clients against a route that answers a constant, in the same process. */
export const health: Measurement = {
  name: "health",
  run: async ({ quick, say }) => {
    const text = JSON.stringify({ status: "healthy" });
    const constant = fastify();
    constant.get("/health", (_request, reply) => reply.type("application/json").send(text));
    const ours = pageServer({
      now: () => healthy,
      lives: () => true,
      lookedAgo: () => 0,
      log: say,
    });
    const servers = { ours, theirs: constant };
    try {
      const ports = { ours: await listen(ours), theirs: await listen(constant) };
      const requests = quick ? 500 : 5000;
      // The first answers are made by code that is not compiled yet.
      for (const port of Object.values(ports)) await slowest(port, requests);
      const runs = await interleaved(
        quick ? 1 : 5,
        () => slowest(ports.ours, requests),
        () => slowest(ports.theirs, requests),
      );
      say(`p99 of /health: ${(median(runs.ours) * 1000).toFixed(2)} ms`);
      const figure: Figure = {
        measured: "`/health` under ten clients, p99",
        against: "a route of fastify that answers a constant",
        unit: "s",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "ratio",
        limit: 2.5,
        runs,
      };
      return [figure];
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    }
  },
};

async function listen(server: FastifyInstance): Promise<number> {
  await server.listen({ host: "127.0.0.1", port: 0 });
  return (server.server.address() as AddressInfo).port;
}

/** The p99 of so many answers, in seconds: each client asks again as soon as it has its answer. */
async function slowest(port: number, requests: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const taken: number[] = [];
  const client = async () => {
    for (let i = 0; i < requests / clients; i++) taken.push(await ask(port, agent));
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return percentile(taken, 99);
}

function ask(port: number, agent: Agent): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path: "/health", agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`It answered ${answer.statusCode}.`));
      answer.resume();
      answer.once("end", () => resolve((performance.now() - begun) / 1000));
    });
    asked.once("error", reject);
    asked.end();
  });
}
