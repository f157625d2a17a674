import type { Reply } from "../../../contract/agentReplies";

const NEWLINE = 10;

/** Reads the agent's lines of JSON, from pieces of any size. */
export class Replies {
  private rest = Buffer.alloc(0);
  private final: Reply | undefined;

  constructor(private readonly say: (progress: string) => void) {}

  add(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (let end = this.rest.indexOf(NEWLINE); end >= 0; end = this.rest.indexOf(NEWLINE)) {
      this.take(this.rest.subarray(0, end).toString("utf8"));
      this.rest = this.rest.subarray(end + 1);
    }
  }

  /** The result or the error, when the stream has ended. */
  last(): Reply | undefined {
    this.take(this.rest.toString("utf8"));
    this.rest = Buffer.alloc(0);
    return this.final;
  }

  private take(line: string): void {
    if (!line.startsWith("{")) return;
    const reply = JSON.parse(line) as Reply;
    if ("progress" in reply) this.say(reply.progress);
    else this.final = reply;
  }
}
