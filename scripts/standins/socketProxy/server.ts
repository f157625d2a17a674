import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Duplex } from "node:stream";
import type { Options } from "./flags";
import { log } from "./log";
import { isAllowed, refusal, type Refusal } from "./rules";
import { passUpgrade } from "./upgrade";

/**
 * Forwards to the engine what the rules allow, and refuses everything else. It uses node:http because it
 * hands raw sockets over after an upgrade, which fastify does not offer.
 */
export function proxyServer(options: Options): Server {
  const server = createServer((message, response) => {
    void check(options, message).then((refused) => {
      if (refused) {
        message.resume();
        answer(response, refused.status);
      } else pass(options, message, response);
    });
  });
  // A command may print nothing for hours, so its connection has no time limit.
  server.requestTimeout = 0;
  server.on("upgrade", (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    // Data that arrives meanwhile waits in the socket.
    void check(options, message).then((refused) => {
      if (refused) socket.end(plainAnswer(refused.status));
      else passUpgrade(options.socketPath, message, socket, head);
    });
  });
  // CONNECT is always refused, whatever the rules say.
  server.on("connect", (_message, socket: Duplex) => socket.end(plainAnswer(405)));
  return server;
}

async function check(options: Options, message: IncomingMessage): Promise<Refusal | undefined> {
  const { method = "", url = "" } = message;
  const client = message.socket.remoteAddress ?? "";
  const refused = (await isAllowed(options.allowFrom, client))
    ? refusal(options, method, url)
    : ({ status: 403, reason: "forbidden IP" } as const);
  const fields = { method, URL: url, client };
  if (!refused) log("DEBUG", "allowed request", fields);
  else
    log("WARN", "blocked request", { reason: refused.reason, ...fields, response: refused.status });
  return refused;
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(`${STATUS_CODES[status]}\n`);
}

function plainAnswer(status: number): string {
  const text = `${STATUS_CODES[status]}`;
  const headers = `Connection: close\r\nContent-Length: ${text.length + 1}`;
  return `HTTP/1.1 ${status} ${text}\r\n${headers}\r\n\r\n${text}\n`;
}

function pass({ socketPath }: Options, message: IncomingMessage, response: ServerResponse): void {
  const { method, url: path, headers } = message;
  // `connection` describes the client's connection, not this one.
  const kept = { ...headers, connection: "close" };
  const asked = request({ socketPath, method, path, headers: kept, agent: false });
  asked.on("response", (came) => {
    const own = { ...came.headers };
    delete own.connection;
    response.writeHead(came.statusCode ?? 502, own);
    came.pipe(response);
  });
  asked.on("error", (error) => {
    log("ERROR", "http: proxy error", { error: error.message });
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  response.on("close", () => asked.destroy());
  message.pipe(asked);
}
