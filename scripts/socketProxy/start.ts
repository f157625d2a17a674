import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { bodyLimit, mayStart, startBody } from "./bodies";
import { type Answer, start, type Started } from "./engine";
import { checked, type Proxy, Refused } from "./proxy";

/**
 * Starts an exec and passes its output on. Nothing that comes after the client's body is read: the
 * command gets no input, and the bytes could be another request, which no rule has checked.
 *
 * @throws Refused for what is not allowed
 */
export async function startExec(
  proxy: Proxy,
  message: IncomingMessage,
  client: Socket,
  head: Buffer,
): Promise<void> {
  const call = await checked(proxy, message);
  const length = Number(message.headers["content-length"] ?? 0);
  if (call.kind !== "start" || message.headers.expect !== undefined)
    throw new Refused("only the start of an exec is an upgrade");
  if (!(length <= bodyLimit)) throw new Refused("its body is too long", 413);
  const text = await announced(client, head, length, proxy.requestSeconds * 1000);
  if (!mayStart(text)) throw new Refused("an exec is started attached and without a terminal");
  if (!proxy.execs.takeStart(call.id))
    throw new Refused("the proxy did not make this exec, or it was started before");
  const path = `${call.version}/exec/${call.id}/start`;
  let started: Started | Answer;
  try {
    started = await start(proxy.socketPath, path, startBody);
  } catch (error) {
    proxy.execs.ended(call.id);
    throw error;
  }
  if (!("output" in started)) {
    proxy.execs.ended(call.id);
    finish(client, plainAnswer(started.status, started.body));
    return;
  }
  pass(started, client, () => proxy.execs.ended(call.id));
}

/** The client may stop sending long before the command ends, and what it sends goes nowhere. */
function pass({ output, head }: Started, client: Socket, ended: () => void): void {
  client.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  client.write(head);
  client.resume();
  output.pipe(client);
  client.on("close", () => output.destroy());
  output.on("error", () => client.destroy());
  output.on("close", () => {
    ended();
    finish(client);
  });
  if (client.destroyed) output.destroy();
}

/** The request's body, as long as it was announced. */
async function announced(
  client: Socket,
  head: Buffer,
  length: number,
  withinMs: number,
): Promise<string> {
  const late = setTimeout(() => client.destroy(), withinMs);
  try {
    let got = head;
    while (got.length < length) {
      const chunk = await nextChunk(client);
      if (chunk === undefined) throw new Refused("its body is shorter than announced", 400);
      got = Buffer.concat([got, chunk]);
    }
    return got.subarray(0, length).toString("utf8");
  } finally {
    clearTimeout(late);
  }
}

function nextChunk(client: Socket): Promise<Buffer | undefined> {
  if (client.destroyed || client.readableEnded) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const onNext = (chunk?: Buffer) => {
      client.pause();
      client.off("data", onNext).off("end", onNext).off("close", onNext);
      resolve(chunk);
    };
    client.on("data", onNext).on("end", onNext).on("close", onNext);
    client.resume();
  });
}

/** Ends a connection, for a client too that keeps it open or goes on sending. */
export function finish(client: Socket, text = ""): void {
  client.end(text);
  // Unread bytes would make the kernel drop the answer.
  client.resume();
  setTimeout(() => client.destroy(), 1000).unref();
}

/** An answer on a connection that is no longer the server's. */
export function plainAnswer(status: number, body?: string): string {
  const text = body ?? `${JSON.stringify({ message: STATUS_CODES[status] })}\n`;
  const headers = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\n${headers}\r\n\r\n${text}`;
}
