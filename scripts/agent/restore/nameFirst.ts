import { type Client, escapeIdentifier as name } from "pg";
import type { Login } from "./login";
import type { Names } from "./renameDatabases";
import { takeName } from "./takeName";
import { elapsed } from "../kit/clock";

/**
 * A session that would have to load a library that is not there is refused, also a superuser's. Sessions
 * of ours state that they load none. What a client is told has this name in it.
 */
const SHUT = "SET local_preload_libraries TO 'laterbase_restores_this_database'";
const OPEN = "RESET local_preload_libraries";

/**
 * A restore in place that fills the new database under the name itself. Some things work only in a
 * database of that name: pg_cron's jobs, subscriptions and dblink that connect to it. The empty database
 * takes the name by the same statement as a filled one does at the end of other restores, so the name
 * always belongs to a database, and the way back is the same statement the other way round.
 */
export class NameFirst {
  private begun = 0;
  private ended = 0;
  private evicted = 0;
  private named = false;

  constructor(
    private readonly login: Login,
    private readonly names: Names,
  ) {}

  /** Whether the new database has the name. */
  get taken(): boolean {
    return this.named;
  }

  /** Gives the empty database the name. Until `open` or `undo` all clients are locked out. */
  async take(client: Client): Promise<void> {
    await client.query(`ALTER DATABASE ${name(this.names.fresh)} ${SHUT}`);
    this.begun = elapsed();
    const { evicted } = await takeName(this.login, client, this.names);
    [this.evicted, this.named] = [evicted, true];
  }

  /** Superusers may connect again, and others as soon as the database has its properties. */
  async open(client: Client): Promise<void> {
    await client.query(`ALTER DATABASE ${name(this.names.old)} ${OPEN}`);
  }

  /** The old database has its name again, and the new one the name that it was made with. */
  async undo(client: Client): Promise<void> {
    if (!this.named) return;
    const { old, kept, fresh } = this.names;
    await takeName(this.login, client, { old, kept: fresh, fresh: kept });
    [this.ended, this.named] = [elapsed(), false];
    await client.query(`ALTER DATABASE ${name(fresh)} ${OPEN}`);
  }

  /** For how long the name accepted no clients, and how many connections were ended. */
  lockedOut(): { evicted: number; seconds: number } {
    const until = this.ended === 0 ? elapsed() : this.ended;
    return { evicted: this.evicted, seconds: (until - this.begun) / 1000 };
  }
}
