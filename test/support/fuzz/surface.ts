import { type ChildProcess, fork } from "node:child_process";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { resolve } from "node:path";
import { until } from "../process";
import { badRequests, mutated, numbers } from "./corpus";

/** A server of ours in a process of its own, which a fuzzer talks to over its real socket. */
export interface SurfaceOptions {
  /** A program, from the project's folder. It gets the address as its argument. */
  program: string;
  /** What it reads from its environment. */
  env: Record<string, string>;
  /** A TCP port on 127.0.0.1, or a socket's path. */
  address: string;
  /** A request that a healthy server answers with the status. It closes the connection. */
  good: { request: string; status: number };
  /** A path that the server knows. */
  target: string;
  /** The limit of the heap that the image gives, in MB. */
  heap: number;
}

const noAnswerMs = 2000;

export class Surface {
  private child!: ChildProcess;
  private log = "";
  private exit: string | undefined;

  constructor(private readonly options: SurfaceOptions) {}

  async open(): Promise<void> {
    const { program, env, address, heap } = this.options;
    this.child = fork(resolve(__dirname, "../../..", program), [address], {
      env: { ...process.env, ...env },
      execArgv: [`--max-old-space-size=${heap}`, "--import", "tsx"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on("data", (chunk) => (this.log = `${this.log}${String(chunk)}`.slice(-4000)));
    this.child.on("exit", (code, signal) => (this.exit = `${code ?? signal}`));
    await until("the server answers", () => this.isWell(), 20);
  }

  close(): void {
    this.child.kill("SIGKILL");
  }

  /** @throws Error with the log, when the server has ended or does not answer as it should */
  async mustBeWell(after: string): Promise<void> {
    if (this.exit === undefined && (await this.isWell())) return;
    throw new Error(`after ${after} the server is gone (${this.exit ?? "silent"}):\n${this.log}`);
  }

  private async isWell(): Promise<boolean> {
    const { request, status } = this.options.good;
    return new RegExp(`^HTTP/1\\.1 ${status} `).test(await this.send(Buffer.from(request), 5000));
  }

  /** What comes back for these bytes, until the end of the connection or the time limit. */
  send(bytes: Buffer, withinMs = noAnswerMs): Promise<string> {
    return new Promise((resolve) => {
      let got = "";
      const socket = this.connect();
      const end = () => {
        clearTimeout(timer);
        socket.destroy();
        resolve(got);
      };
      const timer = setTimeout(end, withinMs);
      socket.on("data", (chunk) => (got = `${got}${chunk.toString("latin1")}`.slice(0, 10_000)));
      socket.on("error", () => undefined).on("close", end);
      socket.write(bytes);
    });
  }

  private connect(): Socket {
    const { address } = this.options;
    const place: NetConnectOpts = /^\d+$/.test(address)
      ? { port: Number(address), host: "127.0.0.1" }
      : { path: address };
    return connect(place);
  }

  /** Every bad request of the corpus, some at the same time. */
  async corpus(): Promise<number> {
    const all = badRequests(this.options.target);
    for (let at = 0; at < all.length; at += 16) {
      const some = all.slice(at, at + 16);
      await Promise.all(some.map((bytes) => this.send(bytes, 300)));
      await this.mustBeWell(
        some.map((bytes) => JSON.stringify(bytes.toString("latin1").slice(0, 80))).join("\n"),
      );
    }
    return all.length;
  }

  /** Requests of the corpus with changed bytes. A failure names the seed. */
  async mutations(count: number, seed: number): Promise<void> {
    const next = numbers(seed);
    const all = [...badRequests(this.options.target), Buffer.from(this.options.good.request)];
    for (let at = 0; at < count; at += 16) {
      const some = Array.from({ length: 16 }, () => mutated(all[next(all.length)]!, next));
      await Promise.all(some.map((bytes) => this.send(bytes, 200)));
      await this.mustBeWell(`mutations ${at} to ${at + 16} of seed ${seed}`);
    }
  }

  /**
   * Bodies and headers that never end, as fast as the server takes them, and beside them ones that
   * come a byte at a time. The server goes on answering, and its memory stays bounded.
   *
   * @returns by how many MB its memory grew at most
   */
  async endless(seconds: number, connections: number): Promise<number> {
    const { target } = this.options;
    const before = await this.memory();
    let most = before;
    const head = `POST ${target} HTTP/1.1\r\nHost: localhost\r\n`;
    const starts = [
      `${head}Transfer-Encoding: chunked\r\n\r\n`,
      `${head}Content-Length: 99999999999\r\n\r\n`,
      `${head}X: `,
      `GET /`,
    ];
    const chunk = Buffer.from(`8000\r\n${"x".repeat(0x8000)}\r\n`);
    const open = Array.from({ length: connections }, (_, at) => {
      const socket = this.connect();
      const slow = at % 2 === 1;
      let timer: NodeJS.Timeout | undefined;
      const more = () => {
        if (socket.destroyed) return;
        if (slow) {
          socket.write("x");
          timer = setTimeout(more, 50);
        } else if (socket.write(chunk)) timer = setTimeout(more, 0);
        else socket.once("drain", more);
      };
      socket.on("error", () => undefined).on("close", () => clearTimeout(timer));
      socket.write(starts[at % starts.length]!);
      // Never read: an answer has to wait in the server.
      more();
      return socket;
    });
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      await this.mustBeWell("endless and slow requests");
      most = Math.max(most, await this.memory());
      await new Promise((done) => setTimeout(done, 100));
    }
    for (const socket of open) socket.destroy();
    return most - before;
  }

  /** The memory of the server's process, in MB. */
  private async memory(): Promise<number> {
    const { readFile } = await import("node:fs/promises");
    const status = await readFile(`/proc/${this.child.pid}/status`, "utf8").catch(() => "");
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  }
}
