import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The calls by which an engine is told to build. */
const build = /^POST \/(v[\d.]+\/)?(build|session)\b/;

/** Stands between a client and an engine, by default the local one, and refuses to build. */
export class EngineProxy {
  /** The requests that it refused. */
  readonly refused: string[] = [];
  /** How many requests it let through. */
  passed = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), "lbt-engine-proxy-"));
  private readonly sockets = new Set<Socket>();
  private server?: Server;

  constructor(private readonly socket = "/var/run/docker.sock") {}

  /** Its address, as DOCKER_HOST has it. */
  get host(): string {
    return `unix://${join(this.folder, "docker.sock")}`;
  }

  async start(): Promise<this> {
    // What is sent to a program in a container ends before its answer does.
    const allowHalfOpen = true;
    this.server = createServer({ allowHalfOpen }, (client) => {
      const engine = connect({ path: this.socket, allowHalfOpen });
      for (const socket of [client, engine]) {
        this.sockets.add(socket);
        socket.on("close", () => this.sockets.delete(socket));
        socket.on("error", () => [client, engine].forEach((one) => one.destroy()));
      }
      // A request begins a chunk: no client of ours sends a second one before the first is answered.
      client.on("data", (chunk) => {
        const [line = ""] = chunk.toString("latin1", 0, 200).split("\r\n");
        if (/^[A-Z]+ \/\S* HTTP\/1\.1$/.test(line)) this.passed += 1;
        if (!build.test(line)) return void engine.write(chunk);
        this.refused.push(line);
        const body = JSON.stringify({ message: "this engine builds nothing" });
        client.end(
          `HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
            `Connection: close\r\n\r\n${body}`,
        );
        engine.destroy();
      });
      client.on("end", () => engine.end());
      engine.pipe(client);
    });
    await new Promise<void>((resolve) =>
      this.server!.listen(join(this.folder, "docker.sock"), resolve),
    );
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server?.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
