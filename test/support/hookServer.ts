import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A request that arrived. */
export interface Arrived {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
  at: number;
}

/** How a server answers: a status with headers, or by hand. */
export type Answer =
  | number
  | [number, Record<string, string>]
  | ((answer: http.ServerResponse) => void);

/** A server of chats, hooks or pings that answers as a test wants. */
export class HookServer {
  readonly arrived: Arrived[] = [];
  /** For the next requests, one each. Then it answers 200. */
  answers: Answer[] = [];
  private constructor(
    private readonly server: http.Server,
    readonly port: number,
    private readonly scheme: string,
  ) {}

  static async start(tls?: { key: string; cert: string }, port = 0): Promise<HookServer> {
    const server = tls ? https.createServer(tls) : http.createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const { port: taken } = server.address() as AddressInfo;
    const hook = new HookServer(server, taken, tls ? "https" : "http");
    server.on("request", (request, answer) => void hook.take(request, answer));
    return hook;
  }

  url(path = "/hook"): string {
    return `${this.scheme}://localhost:${this.port}${path}`;
  }

  /** The bodies that arrived, as JSON. */
  get bodies(): any[] {
    return this.arrived.map(({ body }) => JSON.parse(body) as unknown);
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async take(request: http.IncomingMessage, answer: http.ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method = "", url: path = "", headers } = request;
    this.arrived.push({ method, path, headers, body, at: Date.now() });
    const how = this.answers.shift() ?? 200;
    if (typeof how === "function") return how(answer);
    const [status, more] = typeof how === "number" ? [how, {}] : how;
    answer.writeHead(status, more).end("x".repeat(64));
  }
}

/** A certificate for `localhost` that its own key signed. */
export function ownCertificate(name = "localhost"): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "lbt-cert-"));
  const [key, cert] = [join(folder, "key"), join(folder, "cert")];
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key];
  const names = ["-out", cert, "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  execFileSync("openssl", [...words, ...names], { stdio: "ignore" });
  try {
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Waits until something is true. */
export async function until(is: () => boolean, what: string, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!is()) {
    if (Date.now() > end) throw new Error(`This did not happen in ${seconds} s: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
