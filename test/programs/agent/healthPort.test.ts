import { request } from "node:http";
import { connect, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { mostConnections } from "../../../scripts/agent/health/http/connections";
import { pageServer } from "../../../scripts/agent/health/http/server";

describe("what is done to the monitor's port", () => {
  let port = 0;
  let listening: FastifyInstance;
  beforeAll(async () => {
    listening = pageServer({
      now: () => ({
        at: "2026-11-29T12:00:00Z",
        facts: { at: "2026-11-29T12:00:00Z", primary: { unknown: "x" }, standbys: {}, slots: {} },
        ...{ checks: [], judged: { verdict: "healthy", sentence: "Everything works." } },
      }),
      ...{ lives: () => true, lookedAgo: () => 0 },
      log: () => undefined,
    });
    await listening.listen({ host: "127.0.0.1", port: 0 });
    port = (listening.server.address() as { port: number }).port;
  });
  afterAll(() => listening.close());

  const open = () =>
    new Promise<Socket>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(socket));
      socket.on("error", () => undefined);
    });
  const status = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request(
        { port, host: "127.0.0.1", path: "/health", agent: false },
        (answer) => {
          answer.resume();
          answer.on("end", () => resolve(answer.statusCode));
        },
      );
      asked.on("error", reject);
      asked.end();
    });
  /** What comes back for these bytes until the connection ends. */
  const raw = async (bytes: string) => {
    const socket = await open();
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    const ended = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
    socket.write(bytes);
    return ended;
  };

  it("a thousand idle connections keep nobody away", async () => {
    const idle = await Promise.all(Array.from({ length: 1000 }, open));
    const answers = await Promise.all(Array.from({ length: 20 }, status));
    expect(answers).toEqual(Array.from({ length: 20 }, () => 200));
    const left = await new Promise<number>((resolve) =>
      listening.server.getConnections((_, count) => resolve(count)),
    );
    expect(left).toBeLessThanOrEqual(mostConnections);
    for (const socket of idle) socket.destroy();
  });

  it.each([
    ["that is no HTTP", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "HTTP/1.1 400"],
    ["with a huge header", `GET / HTTP/1.1\r\nX: ${"a".repeat(20_000)}\r\n\r\n`, "HTTP/1.1 431"],
    ["with a huge path", `GET /${"a".repeat(20_000)} HTTP/1.1\r\n\r\n`, "HTTP/1.1 431"],
    [
      "with two lengths",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "HTTP/1.1 400",
    ],
  ])("a request %s ends, and the next is answered", async (_, bytes, line) => {
    expect((await raw(bytes)).split("\r\n")[0]).toMatch(new RegExp(`^${line}`));
    expect(await status()).toBe(200);
  });

  it("a request that never ends is ended", async () => {
    // It would wait for ever.
    expect(await raw("GET /health HTTP/1.1\r\nHost: a\r\n")).toMatch(/^HTTP\/1.1 408/);
  });
});
