import { randomBytes } from "node:crypto";
import { type Client, escapeIdentifier as name, escapeLiteral as literal } from "pg";
import { restoreRoleName } from "../../../contract/names";
import { scramVerifier } from "../../../contract/scramVerifier";
import type { Context } from "../kit/context";
import { codeOf, Failure } from "../kit/failure";
import { retry } from "../kit/retry";
import { Login } from "./login";

const patienceMs = 10_000;
const RENEW_MS = 3600_000;
/** A built-in role whose only member is the database's owner. */
const DATABASE_OWNER = "pg_database_owner";
/** SQLSTATEs: no line in pg_hba.conf; a wrong password; the database lets others in only. */
const [NOT_ALLOWED, WRONG_PASSWORD, NO_CONNECT] = ["28000", "28P01", "42501"];

/**
 * The role of a restore: it has no attribute but LOGIN, and is a member of one owner at a time. What
 * evaluates an owner's expressions runs in its sessions. RESET and SET ROLE lead a hostile
 * expression back to this role, and never to the superuser.
 */
export class RestoreRole {
  readonly name: string;
  readonly login: Login;
  private renewed = 0;
  private made = false;
  private removed = false;
  private entered: { database: string; owners: readonly string[] } | undefined;

  private constructor(
    private readonly client: Client,
    private readonly major: number,
    context: Context,
    password: string,
  ) {
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
    const role = new RestoreRole(client, major, context, password);
    try {
      await role.lock(context.config.stack);
      await role.removeOld(connect, context.config.stack);
      const verifier = scramVerifier(password, randomBytes(16));
      await client.query("SET log_statement = 'none'");
      await client.query(
        `CREATE ROLE ${name(role.name)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION ` +
          `NOBYPASSRLS INHERIT PASSWORD ${literal(verifier)}`,
      );
      role.made = true;
      await client.query("RESET log_statement");
      await client.query(
        `COMMENT ON ROLE ${name(role.name)} IS ${literal(commentOf(context.config.stack))}`,
      );
      await role.renew();
      for (const setting of settings) {
        const [key = "", value = ""] = setting.split("=");
        await client.query(`ALTER ROLE ${name(role.name)} SET ${name(key)} TO ${literal(value)}`);
      }
      await role.tryLogin();
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

  /** Takes the rights back, after its sessions have ended. */
  async leave(): Promise<void> {
    const { entered } = this;
    if (!entered) return;
    await this.endSessions();
    for (const owner of entered.owners) {
      if (owner === DATABASE_OWNER) {
        const database = name(entered.database);
        await this.client.query(`ALTER DATABASE ${database} OWNER TO CURRENT_USER`);
        // A database's owner has its rights as the owner. They went with that.
        await this.client.query(`GRANT CONNECT ON DATABASE ${database} TO ${name(this.name)}`);
      } else await this.client.query(`REVOKE ${name(owner)} FROM ${name(this.name)}`);
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

  private async removeOld(
    connect: (database: string) => Promise<Client>,
    stack: string,
  ): Promise<void> {
    const { rows } = await this.client.query<{ comment: string | null }>(
      "SELECT pg_catalog.shobj_description(oid, 'pg_authid') AS comment FROM pg_catalog.pg_roles WHERE rolname = $1",
      [this.name],
    );
    const [old] = rows;
    if (!old) return;
    if (old.comment !== commentOf(stack)) {
      throw new Failure(
        `The primary has a role "${this.name}", which a restore of this stack did not make: rename it, because a restore needs that name.`,
      );
    }
    await removeRole(this.client, this.name, connect);
  }

  /** Another day. A password that a killed agent left behind does not work for longer. */
  private async renew(): Promise<void> {
    if (Date.now() - this.renewed < RENEW_MS) return;
    this.renewed = Date.now();
    const { rows } = await this.client.query<{ until: string }>(
      "SELECT (pg_catalog.now() + interval '1 day')::pg_catalog.text AS until",
    );
    const until = literal(rows[0]?.until ?? "");
    await this.client.query(`ALTER ROLE ${name(this.name)} VALID UNTIL ${until}`);
  }

  private async tryLogin(): Promise<void> {
    const { database } = this.client;
    try {
      const session = await this.login.connect(database ?? "postgres");
      await session.end();
    } catch (error) {
      const code = codeOf(error) ?? "";
      if (code === NO_CONNECT) return;
      if (code !== NOT_ALLOWED && code !== WRONG_PASSWORD) throw error;
      const { rows } = await this.client.query<{ address: string | null }>(
        "SELECT pg_catalog.host(pg_catalog.inet_client_addr()) AS address",
      );
      const address = rows[0]?.address ?? "127.0.0.1";
      const network = `${address}/${address.includes(":") ? 128 : 32}`;
      throw new Failure(
        `The primary's pg_hba.conf does not let the role of the restore in: put the line "host all ${this.name} ${network} scram-sha-256" at its top, reload it, and restore again`,
      );
    }
  }

  private async endSessions(): Promise<void> {
    await retry(
      async () => {
        const { rowCount } = await this.client.query(
          "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = $1",
          [this.name],
        );
        if (rowCount) throw new Failure("The sessions of the restore do not end.");
      },
      { every: 10, within: patienceMs },
    );
  }
}

/** How the role is known again. */
function commentOf(stack: string): string {
  return `laterbase ${stack}: of a restore`;
}

/** Drops the role with all that it owns or was granted, in every database. */
async function removeRole(
  client: Client,
  role: string,
  connect: (database: string) => Promise<Client>,
): Promise<void> {
  await client.query(`ALTER ROLE ${name(role)} NOLOGIN`);
  await client.query(
    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = $1",
    [role],
  );
  const owned = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.pg_get_userbyid(datdba) = $1",
    [role],
  );
  for (const { datname } of owned.rows) {
    await client.query(`ALTER DATABASE ${name(datname)} OWNER TO CURRENT_USER`);
  }
  const { rows } = await client.query<{ datname: string }>(
    `SELECT DISTINCT d.datname FROM pg_catalog.pg_shdepend s
       JOIN pg_catalog.pg_roles r ON s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = r.oid
       JOIN pg_catalog.pg_database d ON d.oid = s.dbid WHERE r.rolname = $1 AND d.datallowconn`,
    [role],
  );
  for (const { datname } of rows) {
    const session = await connect(datname);
    await session.query(`DROP OWNED BY ${name(role)} CASCADE`);
    await session.end();
  }
  // Rights on databases and tablespaces are in no database.
  await client.query(`DROP OWNED BY ${name(role)} CASCADE`);
  await client.query(`DROP ROLE ${name(role)}`);
}
