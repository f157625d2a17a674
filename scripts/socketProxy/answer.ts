import type { IncomingMessage } from "node:http";
import { bodyLimit, createBody } from "./bodies";
import type { Call } from "./calls";
import { isOwn } from "./clients";
import { type Answer, ask, listens } from "./engine";
import { checked, type Proxy, Refused } from "./proxy";

/**
 * Answers a request that is no upgrade.
 *
 * @throws Refused for what is not allowed
 */
export async function answer(proxy: Proxy, message: IncomingMessage): Promise<Answer> {
  const { method = "", url = "", socket, headers } = message;
  if (url === "/health" && method === "GET" && isOwn(socket.remoteAddress ?? "")) {
    return { status: (await listens(proxy.socketPath)) ? 200 : 503, body: "" };
  }
  const call = await checked(proxy, message);
  if (headers.upgrade !== undefined || call.kind === "start")
    throw new Refused("only the start of an exec is an upgrade, and it is always one");
  const text = await bodyOf(message);
  switch (call.kind) {
    case "ping":
      return { status: 200, body: method === "HEAD" ? "" : "OK" };
    case "inspect":
      return inspect(proxy, call);
    case "create":
      return create(proxy, call, text);
  }
}

async function create(
  { rules, socketPath, execs }: Proxy,
  { version, container }: Call & { kind: "create" },
  text: string,
): Promise<Answer> {
  const body = createBody(rules.commands, container, text);
  if (body === undefined) throw new Refused("no job starts this command");
  if (!execs.hasRoom()) throw new Refused("too many commands run or wait for their start", 429);
  const made = await ask(socketPath, "POST", `${version}/containers/${container}/exec`, body);
  if (made.status !== 201) return made;
  const { Id } = JSON.parse(made.body) as { Id: string };
  execs.made(Id);
  return { status: 201, body: JSON.stringify({ Id }) };
}

/** Ofelia reads the exit code. The rest of the engine's answer is nothing to the client. */
async function inspect(
  { socketPath, execs }: Proxy,
  { version, id }: Call & { kind: "inspect" },
): Promise<Answer> {
  if (!execs.isKnown(id)) throw new Refused("the proxy did not make this exec");
  const found = await ask(socketPath, "GET", `${version}/exec/${id}/json`);
  if (found.status !== 200) return found;
  const { ID, Running, ExitCode } = JSON.parse(found.body) as Record<string, unknown>;
  return { status: 200, body: JSON.stringify({ ID, Running, ExitCode }) };
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = Number(message.headers["content-length"] ?? 0);
  if (length > bodyLimit) throw new Refused("its body is too long", 413);
  length = 0;
  for await (const chunk of message) {
    length += (chunk as Buffer).length;
    if (length > bodyLimit) throw new Refused("its body is too long", 413);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
