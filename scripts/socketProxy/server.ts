import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import { answer } from "./answer";
import { Execs } from "./execs";
import { log, quoted } from "./log";
import { type Proxy, type ProxyOptions, Refused } from "./proxy";
import { finish, plainAnswer, startExec } from "./start";

/**
 * Answers the calls by which Ofelia runs its jobs, and refuses every other request. It uses node:http
 * because it hands raw sockets over after an upgrade, which fastify does not offer. A connection
 * serves one request. What the engine gets is written by the proxy: the client's bytes end here.
 */
export function proxyServer(options: ProxyOptions): Server {
  const proxy: Proxy = { requestSeconds: 15, ...options, execs: new Execs() };
  const ms = proxy.requestSeconds * 1000;
  const server = createServer({
    ...{ maxHeaderSize: 8 * 1024, headersTimeout: ms, requestTimeout: ms },
    connectionsCheckingInterval: 1000,
  });
  // A job has one connection, and a connection costs at most the longest body.
  server.maxConnections = 64;
  const used = new WeakSet<Socket>();
  const serve = (message: IncomingMessage, response: ServerResponse) => {
    if (used.has(message.socket)) return void message.socket.destroy();
    used.add(message.socket);
    response.setHeader("Connection", "close");
    answer(proxy, message).then(
      ({ status, body }) => respond(response, status, body),
      (error: unknown) => respond(response, refuse(message, error)),
    );
  };
  server.on("request", serve);
  const refuseAll = (message: IncomingMessage, response: ServerResponse) => {
    response.setHeader("Connection", "close");
    respond(response, refuse(message, new Refused("it expects an answer before its body")));
  };
  server.on("checkContinue", refuseAll).on("checkExpectation", refuseAll);
  server.on("upgrade", (message: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    if (used.has(socket)) return void socket.destroy();
    used.add(socket);
    startExec(proxy, message, socket, head).catch((error: unknown) =>
      finish(socket, plainAnswer(refuse(message, error))),
    );
  });
  server.on("connect", (message: IncomingMessage, socket: Socket) => {
    socket.on("error", () => socket.destroy());
    finish(socket, plainAnswer(refuse(message, new Refused("it asks for a tunnel"))));
  });
  server.on("clientError", (_error, socket: Socket) => finish(socket, plainAnswer(400)));
  return server;
}

/** Logs why, and returns the status. An engine that cannot be reached is no refusal. */
function refuse({ method = "", url = "", socket }: IncomingMessage, error: unknown): number {
  const reason = error instanceof Error ? error.message : String(error);
  const what = `${method} ${quoted(url)} from ${socket.remoteAddress ?? "a client that is gone"}`;
  if (error instanceof Refused) log(`refused ${what}: ${reason}`);
  else log(`failed ${what}: ${reason}`);
  return error instanceof Refused ? error.status : 502;
}

function respond(response: ServerResponse, status: number, body?: string): void {
  if (response.destroyed || response.headersSent) return;
  const text = body ?? `${JSON.stringify({ message: STATUS_CODES[status] })}\n`;
  const length = Buffer.byteLength(text);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": length });
  response.end(text);
}
