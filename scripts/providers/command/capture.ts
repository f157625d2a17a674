import { StringDecoder } from "node:string_decoder";
import { trimLineEnd } from "./goText";

/** What a command printed. */
export interface Printed {
  stdout: string;
  stderr: string;
}

/** Which streams are shown while the command runs; `stdoutAndStderr` when the input is missing. */
export const LOGGING = ["stdout", "stderr", "stdoutAndStderr", "none"] as const;
export type Logging = (typeof LOGGING)[number];

type Stream = "stdout" | "stderr";

/** A status message needs no more, and an endless line must not fill the engine's memory. */
const MAX_LINE = 64 * 1024;

/** Collects what a command prints, and shows the lines of the chosen streams as they arrive. */
export class Capture {
  private readonly kept: Record<Stream, Buffer[]> = { stdout: [], stderr: [] };
  private readonly both: Buffer[] = [];
  private readonly lines: Partial<Record<Stream, Lines>> = {};

  constructor(logging: Logging | undefined, show: (line: string) => void) {
    for (const stream of ["stdout", "stderr"] as const) {
      if (logging === undefined || logging === "stdoutAndStderr" || logging === stream) {
        this.lines[stream] = new Lines(show);
      }
    }
  }

  /** Adds what arrived on one of the streams. */
  add(stream: Stream, chunk: Buffer): void {
    this.kept[stream].push(chunk);
    this.both.push(chunk);
    this.lines[stream]?.add(chunk);
  }

  /** Shows the last lines, which have no line end. */
  end(): void {
    this.lines.stdout?.end();
    this.lines.stderr?.end();
  }

  /** Both outputs, without their last line end. */
  printed(): Printed {
    return {
      stdout: trimLineEnd(Buffer.concat(this.kept.stdout).toString()),
      stderr: trimLineEnd(Buffer.concat(this.kept.stderr).toString()),
    };
  }

  /** Both streams in the order in which they arrived, for error texts. */
  all(): string {
    return Buffer.concat(this.both).toString();
  }
}

/** Cuts a stream into lines. */
class Lines {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly show: (line: string) => void) {}

  add(chunk: Buffer): void {
    const parts = this.decoder.write(chunk).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      this.show(this.take(part));
      this.rest = "";
    }
    if (this.rest.length < MAX_LINE) this.rest += last;
  }

  end(): void {
    const line = this.take(this.decoder.end());
    if (line !== "") this.show(line);
  }

  private take(part: string): string {
    return (this.rest + part).slice(0, MAX_LINE).replace(/\r$/, "");
  }
}
