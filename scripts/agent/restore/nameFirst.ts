import { type Client, escapeIdentifier as name } from "pg";
import { APPLICATION, type Login } from "./login";
import type { Names } from "./renameDatabases";
import { maintenance } from "./server";
import { takeName } from "./takeName";

const EVERY_MS = 300;

/** For how long a name accepted no clients, and how many connections were ended. */
export interface LockedOut {
  evicted: number;
  /** Seconds. */
  seconds: number;
}

/**
 * A restore in place that fills the new database under the name itself. Some things work only in a
 * database of that name: pg_cron's jobs, subscriptions and dblink that connect to it. The empty database
 * takes the name by the same statement as a filled one does at the end of other restores, so the name
 * always belongs to a database, and the way back is the same statement the other way round.
 *
 * Meanwhile nobody has the right to connect. Superusers need no right, so their connections are ended,
 * and until then write nothing.
 */
export class NameFirst {
  private begun = 0;
  private ended = 0;
  private named = false;
  private readonly evicted = new Set<string>();
  private evictedAtOnce = 0;
  private watch: { session: Client; timer: NodeJS.Timeout } | undefined;

  constructor(
    private readonly login: Login,
    private readonly names: Names,
  ) {}

  /** Whether the new database has the name. */
  get taken(): boolean {
    return this.named;
  }

  /** Gives the empty database the name. Until `open` or `undo` clients are locked out. */
  async take(client: Client): Promise<void> {
    const { fresh, old } = this.names;
    await client.query(`ALTER DATABASE ${name(fresh)} SET default_transaction_read_only TO on`);
    const begun = Date.now();
    const { evicted } = await takeName(this.login, client, this.names);
    [this.begun, this.named] = [begun, true];
    this.evictedAtOnce = evicted;
    const session = await maintenance(this.login, old);
    const timer = setInterval(() => void this.evict(session), EVERY_MS);
    this.watch = { session, timer };
  }

  /** Superusers may connect again, and others as soon as the database has its properties. */
  async open(client: Client): Promise<void> {
    await this.endWatch();
    await client.query(
      `ALTER DATABASE ${name(this.names.old)} RESET default_transaction_read_only`,
    );
  }

  /** The old database has its name again, and the new one the name that it was made with. */
  async undo(client: Client): Promise<void> {
    if (!this.taken) return;
    await this.endWatch();
    const { old, kept, fresh } = this.names;
    await takeName(this.login, client, { old, kept: fresh, fresh: kept });
    [this.ended, this.named] = [Date.now(), false];
    await client.query(`ALTER DATABASE ${name(fresh)} RESET default_transaction_read_only`);
  }

  /** Since the name was taken, until it was given back or until now. */
  lockedOut(): LockedOut {
    const evicted = this.evictedAtOnce + this.evicted.size;
    const until = this.ended === 0 ? Date.now() : this.ended;
    return { evicted, seconds: (until - this.begun) / 1000 };
  }

  private async evict(session: Client): Promise<void> {
    try {
      const { rows } = await session.query<{ pid: string }>(
        `SELECT pid::text AS pid FROM pg_stat_activity
          WHERE datname = $1 AND backend_type = 'client backend' AND application_name <> $2
            AND pg_terminate_backend(pid)`,
        [this.names.old, APPLICATION],
      );
      for (const { pid } of rows) this.evicted.add(pid);
    } catch {
      // The restore itself finds out what is wrong with the server.
    }
  }

  private async endWatch(): Promise<void> {
    if (!this.watch) return;
    clearInterval(this.watch.timer);
    await this.watch.session.end().catch(() => undefined);
    this.watch = undefined;
  }
}
