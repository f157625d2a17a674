import { escapeIdentifier as name } from "pg";
import type { Login } from "./login";

/** The first major whose schema public belongs to the database's owner, and where nobody else creates. */
const closed = 15;

/** A database that comes from another major. */
interface Moved {
  login: Pick<Login, "during">;
  database: string;
  /** The server's major, and the dump's. */
  major: number;
  dumpMajor: number;
}

/**
 * Gives the schema public the owner and the rights that it has in a new database of the dump's major: a
 * dump holds only what is different from them. Otherwise roles that could create tables there could not
 * after the move to a newer major.
 */
export async function keepPublicSchema(
  { login, database, major, dumpMajor }: Moved,
  signal: AbortSignal,
): Promise<void> {
  if (major < closed || dumpMajor >= closed) return;
  await login.during(database, signal, async (client) => {
    const { rows } = await client.query<{ owner: string }>(
      "SELECT rolname AS owner FROM pg_catalog.pg_roles WHERE oid = 10",
    );
    await client.query(`ALTER SCHEMA public OWNER TO ${name(rows[0]?.owner ?? "")}`);
    await client.query("GRANT ALL ON SCHEMA public TO PUBLIC");
  });
}
