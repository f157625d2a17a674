import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/**
 * Clients of a pooler that work without a break: each runs one transaction after the other on the connection that it
 * opened at the beginning. Some think for long, so that a pool has to open connections for them again.
 */
export class PooledLoad {
  /** What failed, by the name of the client. A good run has none. */
  readonly errors: string[] = [];
  /** Transactions that were committed. */
  done = 0;
  /** Those of them that wrote. */
  written = 0;
  private running = true;
  private readonly loops: Promise<void>[] = [];
  private readonly ready: Promise<void>[] = [];

  /**
   * Adds clients.
   *
   * @param statement is run in a transaction of its own; $1 is the client's number
   * @param pauseMs what a client thinks between two transactions
   */
  add(name: string, uri: string, clients: number, statement: string, pauseMs = 20): this {
    for (let id = 0; id < clients; id++) {
      let begun: () => void = () => undefined;
      this.ready.push(new Promise((resolve) => (begun = resolve)));
      this.loops.push(this.loop(`${name} ${id}`, uri, statement, id, pauseMs, begun));
    }
    return this;
  }

  /** Waits until every client has worked once. */
  async works(): Promise<void> {
    await Promise.all(this.ready);
  }

  /** Ends them, and returns what failed. */
  async end(): Promise<string[]> {
    this.running = false;
    await Promise.all(this.loops);
    return this.errors;
  }

  private async loop(
    name: string,
    uri: string,
    statement: string,
    id: number,
    pauseMs: number,
    begun: () => void,
  ): Promise<void> {
    const writes = /^(insert|update|delete)/.test(statement);
    const client = new Client({ connectionString: uri });
    client.on("error", (error) => this.errors.push(`${name}: ${error.message}`));
    try {
      await client.connect();
      while (this.running) {
        await client.query("begin");
        await client.query(statement, [id]);
        await client.query("commit");
        this.done++;
        if (writes) this.written++;
        begun();
        await sleep(pauseMs * (0.5 + Math.random()));
      }
    } catch (error) {
      this.errors.push(`${name}: ${(error as Error).message}`);
    }
    begun();
    await client.end().catch(() => undefined);
  }
}
