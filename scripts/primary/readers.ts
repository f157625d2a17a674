import { dumpRoleBeside, pgAdminRoleBeside } from "../../contract/names";
import { dumpRoleSettings } from "../../contract/sessionSettings";

/** The roles of a stack that read: the one that dumps, and the one that pgAdmin connects by. */
export type ReaderKind = "dumps" | "pgAdmin";

/** What a role that reads has. SQL grants and observes it. */
export interface Reader {
  role: string;
  /** The roles of PostgreSQL whose rights it has. One that the server does not know is left out. */
  memberships: string[];
  /** Whether row security does not apply to it. */
  bypassesPolicies: boolean;
  /** The most connections at a time. -1: no limit. */
  connections: number;
  /** What `ALTER ROLE … SET` gives it. */
  settings: Record<string, string>;
}

/** @param role the stack's replication role */
export function readersBeside(role: string, major: number): Record<ReaderKind, Reader> {
  return {
    dumps: {
      role: dumpRoleBeside(role),
      memberships: ["pg_read_all_data"],
      bypassesPolicies: true,
      connections: -1,
      // pg_read_all_data does not cover large objects, and pg_dump opens each of them, so
      // lo_compat_privileges is on. It also allows changes to them: PostgreSQL has no right that allows
      // only to read them. From PostgreSQL 16 on, read-only transactions forbid such changes. The other
      // settings are those that its sessions cannot state themselves, because only a superuser may.
      settings: dumpRoleSettings(major),
    },
    pgAdmin: {
      role: pgAdminRoleBeside(role),
      memberships: ["pg_monitor", "pg_read_all_data"],
      bypassesPolicies: false,
      // pgAdmin opens one for each database and each Query Tool.
      connections: 25,
      settings: {
        default_transaction_read_only: "on",
        // A function that a database's owner puts into another schema must not be called instead.
        search_path: "pg_catalog",
        // A table with policies answers with an error, instead of a part of its rows. And the
        // policies' functions do not run as this role.
        row_security: "off",
      },
    },
  };
}
