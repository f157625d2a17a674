import { type Client, escapeIdentifier as name, escapeLiteral as literal } from "pg";

/** What a restore's role has, and gets again after each of its parts. */
export interface MadeRole {
  name: string;
  /** Of its password, as PostgreSQL stores it. */
  verifier: string;
  /** `name=value`, which only a superuser may set. */
  settings: readonly string[];
}

/**
 * Makes the role as it was made. In its own session a role may change its password and its settings,
 * and before PostgreSQL 15 let others be members of itself.
 *
 * @param database in which it had sessions
 */
export async function roleAsMade(
  client: Client,
  { name: role, verifier, settings }: MadeRole,
  database?: string,
): Promise<void> {
  const { rows } = await client.query<{ member: string }>(
    `SELECT pg_catalog.pg_get_userbyid(member) AS member FROM pg_catalog.pg_auth_members
      WHERE pg_catalog.pg_get_userbyid(roleid) = $1`,
    [role],
  );
  const alter = `ALTER ROLE ${name(role)}`;
  const statements = [
    ...rows.map(({ member }) => `REVOKE ${name(role)} FROM ${name(member)}`),
    `${alter} PASSWORD ${literal(verifier)}`,
    `${alter} RESET ALL`,
    ...(database === undefined ? [] : [`${alter} IN DATABASE ${name(database)} RESET ALL`]),
    ...settings.map((setting) => {
      const [key = "", value = ""] = setting.split("=");
      return `${alter} SET ${name(key)} TO ${literal(value)}`;
    }),
    "RESET log_statement",
  ];
  // A verifier is no password, and still does not belong into a log.
  await client.query("SET log_statement = 'none'");
  await client.query(statements.join("; "));
}
