import { type IncomingMessage, request, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { log } from "./log";

/**
 * Passes on a request that asks for the connection itself, as the start of an exec does. Only the
 * body that it announced goes to the engine before that has agreed: what follows could be another
 * request, which nobody judged.
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

/** The request's body, and what came behind it. */
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
    const settle = (chunk?: Buffer) => {
      client.pause();
      client.off("data", settle).off("end", settle).off("close", settle);
      resolve(chunk);
    };
    client.on("data", settle).on("end", settle).on("close", settle);
    client.resume();
  });
}

/** Each side's end is the other's: the client may stop sending long before the command ends. */
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

/** Without what was said about this one connection; the client's is closed. */
function kept(headers: readonly string[]): string[] {
  const own = ["connection", "keep-alive", "transfer-encoding", "content-length"];
  const pairs = headers.flatMap((name, i) =>
    i % 2 === 0 && !own.includes(name.toLowerCase()) ? [name, headers[i + 1] ?? ""] : [],
  );
  return [...pairs, "Connection", "close"];
}
