import { type IncomingMessage, request, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { log } from "./log";

/**
 * Forwards a request that upgrades its connection, as the start of an exec does. Before the engine
 * accepts the upgrade, it gets only the announced body: the bytes after it could be another request,
 * which no rule has checked.
 */
export function passUpgrade(
  socketPath: string,
  message: IncomingMessage,
  client: Duplex,
  head: Buffer,
): void {
  const length = Number(message.headers["content-length"] ?? 0);
  if (message.headers["transfer-encoding"] !== undefined || !(length <= 1024 * 1024)) {
    client.end(`HTTP/1.1 400 ${STATUS_CODES[400]}\r\nConnection: close\r\n\r\n`);
    return;
  }
  void announced(client, head, length).then(([body, rest]) => {
    const { method, url: path, headers } = message;
    const asked = request({ socketPath, method, path, headers, agent: false });
    asked.on("error", (error) => {
      log("ERROR", "http: proxy error", { error: error.message });
      client.destroy();
    });
    asked.on("upgrade", (answer, engine, engineHead) => {
      client.write(answerHead(answer, answer.rawHeaders));
      client.write(engineHead);
      engine.write(rest);
      join(client, engine);
    });
    asked.on("response", (answer) => {
      void buffer(answer).then(
        (content) => {
          const length = ["Content-Length", String(content.length)];
          client.write(answerHead(answer, [...kept(answer.rawHeaders), ...length]));
          client.end(content);
        },
        () => client.destroy(),
      );
    });
    asked.end(body);
  });
}

/** The request's body, and the bytes after it. */
async function announced(client: Duplex, head: Buffer, length: number): Promise<[Buffer, Buffer]> {
  let got = head;
  while (got.length < length) {
    const chunk = await nextChunk(client);
    if (chunk === undefined) break;
    got = Buffer.concat([got, chunk]);
  }
  return [got.subarray(0, length), got.subarray(length)];
}

function nextChunk(client: Duplex): Promise<Buffer | undefined> {
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

/** Connects both directions. The client may stop sending long before the command ends. */
function join(client: Duplex, engine: Duplex): void {
  client.pipe(engine);
  engine.pipe(client);
  client.on("close", () => engine.destroy());
  engine.on("close", () => client.end());
  engine.on("error", () => client.destroy());
}

function answerHead(answer: IncomingMessage, headers: readonly string[]): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The headers without those about the engine's connection; the client's connection is closed. */
function kept(headers: readonly string[]): string[] {
  const own = ["connection", "keep-alive", "transfer-encoding", "content-length"];
  const pairs = headers.flatMap((name, i) =>
    i % 2 === 0 && !own.includes(name.toLowerCase()) ? [name, headers[i + 1] ?? ""] : [],
  );
  return [...pairs, "Connection", "close"];
}
