import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import {
  backupRoleBeside,
  dumpRoleBeside,
  healthRoleBeside,
  pgAdminRoleBeside,
} from "../../contract/names";
import { dumpRoleSettings } from "../../contract/sessionSettings";

/**
 * The roles of a stack that write nothing: the one that dumps, the one that pgAdmin connects by, the one that backs
 * up, and the monitor's. That one writes the heartbeat of a managed primary, and nothing else.
 */
export type ReaderKind = "dumps" | "pgAdmin" | "backups" | "health";

export const readerKinds: readonly ReaderKind[] = ["dumps", "pgAdmin", "backups", "health"];

/** What such a role has. SQL grants and observes it. */
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
  /** The functions that it may call in the maintenance database, and nobody else but a superuser. */
  executes: string[];
  /** The databases that it may connect to. Absent: every one. */
  databases?: string[];
}

/** What starts and stops a backup, by the names of the major. The last two are for `pgbackrest check`. */
function backupFunctions(major: number): string[] {
  const own =
    major >= 15
      ? ["pg_backup_start(text,boolean)", "pg_backup_stop(boolean)"]
      : ["pg_start_backup(text,boolean,boolean)", "pg_stop_backup(boolean,boolean)"];
  return [...own, "pg_create_restore_point(text)", "pg_switch_wal()"].map(
    (name) => `pg_catalog.${name}`,
  );
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
      executes: [],
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
      executes: [],
    },
    backups: {
      role: backupRoleBeside(role),
      // A backup from the standby asks the primary for a checkpoint.
      memberships: ["pg_read_all_settings", "pg_checkpoint"],
      bypassesPolicies: false,
      connections: 10,
      // A setting of the database could end a backup, which is one long session.
      settings: {
        search_path: "pg_catalog",
        statement_timeout: "0",
        lock_timeout: "0",
        idle_in_transaction_session_timeout: "0",
        ...(major >= 14 ? { idle_session_timeout: "0" } : {}),
        ...(major >= 17 ? { transaction_timeout: "0" } : {}),
      },
      executes: backupFunctions(major),
      databases: [maintenanceDatabase],
    },
    health: {
      role: healthRoleBeside(role),
      memberships: ["pg_monitor"],
      bypassesPolicies: false,
      // It has one. Others may be open for a while whose end the server has not noticed.
      connections: 5,
      settings: {
        search_path: "pg_catalog",
        row_security: "off",
        statement_timeout: "10s",
        lock_timeout: "2s",
        idle_in_transaction_session_timeout: "10s",
      },
      executes: [],
      databases: [maintenanceDatabase],
    },
  };
}
