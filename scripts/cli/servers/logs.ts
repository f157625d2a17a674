import { visible } from "../../../contract/visible";
import { connect } from "../../engine/connect";
import { isUnreachable, unreachable } from "../../engine/unreachable";
import type { Located } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

export interface LogOptions {
  /** Lines of before; "all". */
  tail: number | "all";
  /** Unix time in seconds. Absent: from the beginning. */
  since?: number;
  /** Goes on with what is written from now on. */
  follow: boolean;
  signal?: AbortSignal;
}

/** A line of a container's log. */
export interface LogLine {
  stream: "stdout" | "stderr";
  /** With control characters as escapes. */
  text: string;
}

/** No program of ours writes lines that are longer; one that does gets them cut. */
const longestLine = 64 * 1024;

/** Reads a container's log through its engine. Returns at the end of the log, or with `follow` when it is interrupted. */
export async function readLog(
  { name, host }: Located,
  { tail, since, follow, signal }: LogOptions,
  each: (line: LogLine) => void,
): Promise<void> {
  const engine = connect(host ? { host } : {});
  const asked = {
    stdout: true,
    stderr: true,
    tail: tail as number,
    ...(since === undefined ? {} : { since }),
  };
  const container = engine.getContainer(name);
  const sinks = { stdout: new Lines("stdout", each), stderr: new Lines("stderr", each) };
  try {
    if (!follow) {
      // One answer of frames: eight bytes of head, and then the text.
      const all = await container.logs({ ...asked, follow: false });
      for (const { stream, bytes } of framesOf(all)) sinks[stream].add(bytes);
    } else {
      const stream = await container.logs({ ...asked, follow: true });
      const sink = (lines: Lines) => ({ write: (chunk: Buffer) => lines.add(chunk) }) as never;
      engine.modem.demuxStream(stream, sink(sinks.stdout), sink(sinks.stderr));
      await new Promise<void>((resolve, reject) => {
        stream.on("end", resolve);
        stream.on("close", resolve);
        stream.on("error", reject);
        signal?.addEventListener("abort", () => resolve(), { once: true });
        if (signal?.aborted) resolve();
      });
      (stream as unknown as { destroy(): void }).destroy();
    }
  } catch (error) {
    throw notRead({ name, ...(host ? { host } : {}) }, error as Error & { statusCode?: number });
  }
  for (const lines of Object.values(sinks)) lines.end();
}

function notRead({ name, host }: Located, error: Error & { statusCode?: number }): CliError {
  if (error.statusCode === 404)
    return new CliError(`There is no container ${name}: bring the stack up to make it.`);
  if (isUnreachable(error)) return new CliError(unreachable(host, error));
  return new CliError(
    `The log of ${name} cannot be read: ${error.message.trim().split("\n")[0]!.replace(/\.$/, "")}.`,
  );
}

function* framesOf(all: Buffer): Generator<{ stream: "stdout" | "stderr"; bytes: Buffer }> {
  for (let at = 0; at + 8 <= all.length;) {
    const length = all.readUInt32BE(at + 4);
    const stream = all[at] === 2 ? "stderr" : "stdout";
    yield { stream, bytes: all.subarray(at + 8, at + 8 + length) };
    at += 8 + length;
  }
}

/** Puts pieces of any size together to lines, so that no character is cut in two. */
class Lines {
  private rest = Buffer.alloc(0);

  constructor(
    private readonly stream: LogLine["stream"],
    private readonly each: (line: LogLine) => void,
  ) {}

  add(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (let end = this.rest.indexOf(10); end >= 0; end = this.rest.indexOf(10)) {
      this.say(this.rest.subarray(0, end));
      this.rest = this.rest.subarray(end + 1);
    }
    if (this.rest.length > longestLine) this.end();
  }

  end(): void {
    if (this.rest.length > 0) this.say(this.rest);
    this.rest = Buffer.alloc(0);
  }

  private say(bytes: Buffer): void {
    this.each({ stream: this.stream, text: visible(bytes.toString("utf8").replace(/\r$/, "")) });
  }
}
