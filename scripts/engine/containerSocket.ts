import type Docker from "dockerode";
import { Duplex } from "node:stream";

/**
 * Says on standard error that the connection is there, then carries bytes in both directions until one side
 * ends. In the background bash would give a program no standard input, so it gets that as 4.
 */
const carry = `exec 4<&0
{ exec 3<>"/dev/tcp/$1/$2"; } 2>/dev/null || exit 1
echo connected >&2
cat <&3 &
cat <&4 >&3 &
wait -n
kill $(jobs -p) 2>/dev/null`;

/** Nothing listens at the address, or nothing answered there in time. */
export class NoConnection extends Error {}

/** Nothing that uses such a socket takes longer. Its program must not outlive us in the container. */
const longestSeconds = 60;

/**
 * A TCP connection that begins in a container: the other side sees what it would see of that container's own
 * programs. The container needs bash. It has what `pg` uses of a `net.Socket`, so a password never leaves
 * this process but in the protocol.
 */
export class ContainerSocket extends Duplex {
  private stream?: Duplex;

  /** @param patienceMs how long the connection may take, and the first answer; then it ends with an error */
  constructor(
    private readonly engine: Docker,
    private readonly container: string,
    private readonly patienceMs: number,
  ) {
    super();
    // As a net.Socket: when the other side ends, the socket closes.
    this.once("end", () => this.destroy());
  }

  connect(port: number, host: string): this {
    this.open(port, host).catch((error: Error) => this.destroy(error));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // What comes is pushed as it comes: a few rows.
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.stream) this.stream.write(chunk, done);
    else done(new Error("not connected"));
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.stream) this.stream.end(done);
    else done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.stream?.destroy();
    done(error);
  }

  private async open(port: number, host: string): Promise<void> {
    const words = ["bash", "-c", carry, "bash", host, String(port)];
    const exec = await this.engine.getContainer(this.container).exec({
      Cmd: ["timeout", String(longestSeconds), ...words],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    if (this.destroyed) return void stream.destroy();
    this.stream = stream;
    const patience = () =>
      setTimeout(
        () => this.destroy(new NoConnection(`no answer within ${this.patienceMs} ms`)),
        this.patienceMs,
      ).unref();
    let late = patience();
    let there = false;
    const out = {
      write: (chunk: Buffer) => {
        clearTimeout(late);
        this.push(chunk);
      },
    };
    const err = {
      write: () => {
        if (there || this.destroyed) return;
        there = true;
        // Something listens. Whether it is a server shows its first answer.
        clearTimeout(late);
        late = patience();
        this.emit("connect");
      },
    };
    this.engine.modem.demuxStream(stream, out as never, err as never);
    stream.on("error", (error) => this.destroy(error));
    stream.on("end", () => {
      clearTimeout(late);
      if (there) this.push(null);
      else this.destroy(new NoConnection("no connection"));
    });
  }
}
