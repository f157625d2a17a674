import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { Agent, type ClientRequestArgs } from "node:http";
import { Duplex } from "node:stream";
import { inspect } from "node:util";
import { sshEndedCode } from "./unreachable";

/**
 * An HTTP client's connections through `ssh … docker system dial-stdio`, one process each.
 *
 * There are few, and they are reused: each new one costs a handshake, and sshd drops some of many that
 * begin at the same time (MaxStartups).
 */
export class SshAgent extends Agent {
  constructor(private readonly args: string[]) {
    super({ keepAlive: true, maxSockets: 8, maxFreeSockets: 4 });
  }

  override createConnection(_options: ClientRequestArgs): Duplex {
    return new SshConnection(spawn("ssh", this.args, { stdio: "pipe" }));
  }

  /** The HTTP library prints its options with the agent at every request: this keeps that short. */
  [inspect.custom](): string {
    return "SshAgent";
  }
}

/**
 * The two pipes of an `ssh` process, with the methods of a socket that an HTTP client calls. It is not
 * execa: the pipes are a connection, and nobody waits for a result of the process.
 */
class SshConnection extends Duplex {
  private complaint = "";

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    super();
    child.stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.complaint += text));
    child.stdin.on("error", () => {});
    child.on("error", (error) => this.destroy(error));
    // The end of its output is too early: whether ssh failed is known only when it has closed.
    child.on("close", (code) => {
      const complaint = this.complaint.trim();
      if (code) this.destroy(sshEnded(complaint || String(code)));
      else this.push(null);
    });
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.child.stdin.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.child.kill();
    done(error);
  }

  /** An idle connection must not keep the process alive. */
  unref(): this {
    this.each("unref");
    return this;
  }

  ref(): this {
    this.each("ref");
    return this;
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  private each(action: "ref" | "unref"): void {
    this.child[action]();
    for (const pipe of [this.child.stdin, this.child.stdout, this.child.stderr]) {
      (pipe as unknown as Record<string, () => void>)[action]?.();
    }
  }
}

/** With a code, so that its reader need not know its words. */
function sshEnded(why: string): Error {
  return Object.assign(new Error(`ssh to the Docker engine ended: ${why}`), { code: sshEndedCode });
}
