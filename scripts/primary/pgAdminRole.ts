import { pgAdminRoleBeside } from "../../contract/names";

/** What the role that pgAdmin connects by has, beside its right to read. SQL sets and observes it. */
export interface PgAdminRole {
  role: string;
  /** The most connections at a time: pgAdmin opens one for each database and each Query Tool. */
  connections: number;
  /** What `ALTER ROLE … SET` gives it. */
  settings: Record<string, string>;
}

/** @param role the stack's replication role */
export function pgAdminRole(role: string): PgAdminRole {
  return {
    role: pgAdminRoleBeside(role),
    connections: 25,
    settings: {
      default_transaction_read_only: "on",
      // A function that a database's owner puts into another schema must not be called instead.
      search_path: "pg_catalog",
      // A table with policies answers with an error, instead of a part of its rows. And the
      // policies' functions do not run as this role.
      row_security: "off",
    },
  };
}
