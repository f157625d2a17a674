/**
 * The oldest major in which a role that is no superuser can read everything
 * (`pg_read_all_data`). Before it, the superuser dumps.
 */
export const dumpRoleSince = 14;

/** The replication role of a stack. */
export function roleName(stack: string): string {
  return `laterbase_${stack.replace(/[^a-z0-9_]/g, "_")}`.slice(0, 63);
}

/** The role of a stack that dumps: it reads everything and writes nothing. */
export function dumpRoleName(stack: string): string {
  return dumpRoleBeside(roleName(stack));
}

/** The role that dumps, by the stack's replication role. PostgreSQL cuts names at 63 bytes. */
export function dumpRoleBeside(role: string): string {
  return `${role.slice(0, 57)}_dumps`;
}

/**
 * What notes the verifier of a managed primary's superuser, in its container: beside the data, so
 * that data of an earlier day are seen to have another password.
 */
export const superuserRecord = "/var/lib/postgresql/primary/superuser-verifier";
