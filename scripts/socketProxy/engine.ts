import { request, type IncomingMessage } from "node:http";
import { createConnection, type Socket } from "node:net";

/** What the engine answered. */
export interface Answer {
  status: number;
  body: string;
}

const answerLimit = 64 * 1024;
const patienceMs = 60_000;

/** One call of the engine. Everything in it is the proxy's own. */
export function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, agent: false, headers: headersOf(body) });
    asked.setTimeout(patienceMs, () => asked.destroy(new Error("the engine does not answer")));
    asked.on("error", reject);
    asked.on("response", (answer) => void read(answer).then(resolve, reject));
    asked.end(body);
  });
}

/** A started exec: its output, and the bytes of it that came with the answer. */
export interface Started {
  output: Socket;
  head: Buffer;
}

/** Starts an exec. The engine gives the connection over to the command's output, or refuses. */
export function start(socketPath: string, path: string, body: string): Promise<Started | Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...headersOf(body), Connection: "Upgrade", Upgrade: "tcp" };
    const asked = request({ socketPath, method: "POST", path, agent: false, headers });
    asked.on("error", reject);
    asked.on("upgrade", (_answer, output: Socket, head) => resolve({ output, head }));
    asked.on("response", (answer) => void read(answer).then(resolve, reject));
    asked.end(body);
  });
}

/** Whether a process listens on the engine's socket. */
export function listens(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socketPath);
    connection.setTimeout(3000, () => connection.destroy());
    connection.on("connect", () => {
      resolve(true);
      connection.destroy();
    });
    connection.on("error", () => resolve(false));
    connection.on("close", () => resolve(false));
  });
}

const headersOf = (body: string | undefined) => ({
  Host: "docker",
  Connection: "close",
  ...(body === undefined
    ? {}
    : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }),
});

async function read(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    length += (chunk as Buffer).length;
    if (length > answerLimit) throw new Error("the engine's answer is too long");
    chunks.push(chunk as Buffer);
  }
  return { status: answer.statusCode ?? 502, body: Buffer.concat(chunks).toString("utf8") };
}
