import type { Client } from "pg";
import { codeOf, Failure } from "../../kit/failure";

/** How long a question may take before its session is closed, in milliseconds. */
const answerMs = 5000;
/** After a failed login the next attempts come at longer intervals, so that the server's log is not filled. */
const pauses = [0, 0, 8000, 18_000, 28_000];

/** One session that is kept between looks. There is never a second one to the same server. */
export class KeptSession {
  private client: Client | undefined;
  private failures = 0;
  private failedAt = -Infinity;
  private failure: unknown;

  /** @param open begins a session; what it throws says why there is none */
  constructor(
    private readonly open: () => Promise<Client>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Asks in the session, which is opened first where there is none. */
  async ask<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.opened();
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(Object.assign(new Failure("It did not answer."), { code: "ETIMEDOUT" }));
      }, answerMs);
    });
    try {
      return await Promise.race([work(client), silence]);
    } catch (error) {
      // A refusal has an SQLSTATE, and the session goes on. Anything else says that it is lost.
      if (!isRefusal(error)) this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    const { client } = this;
    this.client = undefined;
    // With a question under way it closes the socket at once.
    void client?.end().catch(() => undefined);
  }

  private async opened(): Promise<Client> {
    if (this.client) return this.client;
    const pause = pauses[Math.min(this.failures, pauses.length - 1)]!;
    if (this.now() - this.failedAt < pause) throw this.failure;
    try {
      const client = await this.open();
      client.once("end", () => {
        if (this.client === client) this.client = undefined;
      });
      this.client = client;
      this.failures = 0;
      return client;
    } catch (error) {
      this.failures++;
      this.failedAt = this.now();
      this.failure = error;
      throw error;
    }
  }
}

/** The classes of SQLSTATE after which a session is over: lost connections, and the end of the server. */
const over = ["08", "57P"];

/** Whether the server refused a question and the session goes on. */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error) ?? "";
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code) && !over.some((one) => code.startsWith(one));
}
