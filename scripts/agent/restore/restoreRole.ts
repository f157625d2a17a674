import { randomBytes } from "node:crypto";
import { type Client, escapeIdentifier as name, escapeLiteral as literal } from "pg";
import { restoreRoleName } from "../../../contract/names";
import { scramVerifier } from "../../../contract/scramVerifier";
import { elapsed } from "../kit/clock";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { checkLogin } from "./checkLogin";
import { Login } from "./login";
import { roleAsMade } from "./roleAsMade";
import {
  endSessions,
  removeOldRole,
  removeRole,
  roleComment,
  takeDatabaseBack,
} from "./roleCleanup";

const RENEW_MS = 3600_000;
/** A built-in role whose only member is the database's owner. */
const DATABASE_OWNER = "pg_database_owner";

/**
 * The role of a restore: it has no attribute but LOGIN, and is a member of one owner at a time. What
 * evaluates an owner's expressions runs in its sessions. RESET and SET ROLE lead a hostile
 * expression back to this role, and never to the superuser.
 */
export class RestoreRole {
  readonly name: string;
  readonly login: Login;
  readonly verifier: string;
  private renewed = -Infinity;
  private made = false;
  private removed = false;
  private entered: { database: string; owners: readonly string[] } | undefined;

  private constructor(
    private readonly client: Client,
    private readonly major: number,
    readonly settings: readonly string[],
    context: Context,
    password: string,
  ) {
    this.verifier = scramVerifier(password, randomBytes(16));
    this.name = restoreRoleName(context.config.stack);
    this.login = new Login(context, { name: this.name, password }, false);
  }

  /**
   * Creates the role, after it removed one that a killed agent left, and logs in once: before
   * anything else is made it is known that the primary lets it in.
   *
   * @param client a session of the superuser, in no database that is restored
   * @param connect opens a session of the superuser
   */
  static async create(
    context: Context,
    client: Client,
    major: number,
    connect: (database: string) => Promise<Client>,
    settings: readonly string[],
  ): Promise<RestoreRole> {
    const password = randomBytes(24).toString("base64url");
    const role = new RestoreRole(client, major, settings, context, password);
    try {
      await role.lock(context.config.stack);
      await removeOldRole(client, role.name, connect, context.config.stack);
      await client.query(
        `CREATE ROLE ${name(role.name)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION ` +
          "NOBYPASSRLS INHERIT",
      );
      role.made = true;
      await client.query(
        `COMMENT ON ROLE ${name(role.name)} IS ${literal(roleComment(context.config.stack))}`,
      );
      await role.renew();
      await roleAsMade(client, role);
      await checkLogin(client, role.login, role.name);
      return role;
    } catch (error) {
      await role.login.close();
      if (role.made) await client.query(`DROP ROLE ${name(role.name)}`).catch(() => undefined);
      throw error;
    }
  }

  /** Gives the role the rights of these owners in a database. */
  async enter(database: string, owners: readonly string[]): Promise<void> {
    await this.renew();
    // A part that failed has not left, where the restore goes on all the same.
    await this.leave();
    // Somebody may have logged in just before the password was set back.
    await endSessions(this.client, this.name, database);
    this.entered = { database, owners };
    const options = this.major >= 16 ? " WITH INHERIT TRUE, SET TRUE" : "";
    for (const owner of owners) {
      await this.client.query(
        owner === DATABASE_OWNER
          ? `ALTER DATABASE ${name(database)} OWNER TO ${name(this.name)}`
          : `GRANT ${name(owner)} TO ${name(this.name)}${options}`,
      );
    }
  }

  /** Takes the rights back. Nothing of what hostile code did to the role outlives this. */
  async leave(): Promise<void> {
    const { entered } = this;
    if (!entered) return;
    await roleAsMade(this.client, this, entered.database);
    if (entered.owners.includes(DATABASE_OWNER)) {
      await takeDatabaseBack(this.client, this.name, entered.database);
    }
    await endSessions(this.client, this.name, entered.database);
    for (const owner of entered.owners) {
      if (owner === DATABASE_OWNER) continue;
      await this.client.query(`REVOKE ${name(owner)} FROM ${name(this.name)}`);
    }
    this.entered = undefined;
  }

  /** Removes the role, and what hostile code may have made in its name. */
  async remove(
    connect: (database: string) => Promise<Client>,
    client: Client = this.client,
  ): Promise<void> {
    if (this.removed) return;
    await this.login.close();
    await removeRole(client, this.name, connect);
    this.removed = true;
  }

  /** Only one restore of a stack at a time has the role. */
  private async lock(stack: string): Promise<void> {
    const { rows } = await this.client.query<{ got: boolean }>(
      "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext($1)) AS got",
      [`laterbase restore ${stack}`],
    );
    if (rows[0]?.got) return;
    throw new Failure("Another restore of this stack is running: wait until it has ended.");
  }

  /** Another day. A password that a killed agent left behind does not work for longer. */
  private async renew(): Promise<void> {
    if (elapsed() - this.renewed < RENEW_MS) return;
    this.renewed = elapsed();
    const { rows } = await this.client.query<{ until: string }>(
      "SELECT (pg_catalog.now() + interval '1 day')::pg_catalog.text AS until",
    );
    const until = literal(rows[0]?.until ?? "");
    await this.client.query(`ALTER ROLE ${name(this.name)} VALID UNTIL ${until}`);
  }
}
