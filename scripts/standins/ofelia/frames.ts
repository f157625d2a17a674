/** The output of a command: the last ten megabytes of each stream. */
export class Output {
  stdout = "";
  stderr = "";

  add(stream: "stdout" | "stderr", text: string): void {
    this[stream] = (this[stream] + text).slice(-10 * 1024 * 1024);
  }
}

/**
 * Splits the engine's stream: each frame has a header of eight bytes. The first byte names the stream,
 * the last four are the length. With a terminal there are no headers.
 */
export class Frames {
  /** Set when the data is not such a stream. */
  fault: Error | undefined;
  private rest = Buffer.alloc(0);

  constructor(
    private readonly tty: boolean,
    private readonly output: Output,
  ) {}

  take(chunk: Buffer): void {
    if (this.fault) return;
    if (this.tty) return this.output.add("stdout", chunk.toString());
    this.rest = Buffer.concat([this.rest, chunk]);
    while (this.rest.length >= 8) {
      const stream = this.rest[0] ?? 0;
      if (stream > 2) {
        this.fault = new Error(`Unrecognized input header: ${stream}`);
        return;
      }
      const end = 8 + this.rest.readUInt32BE(4);
      if (this.rest.length < end) return;
      this.output.add(stream === 2 ? "stderr" : "stdout", this.rest.toString("utf8", 8, end));
      this.rest = this.rest.subarray(end);
    }
  }
}
