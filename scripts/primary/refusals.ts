/**
 * What the preflight and the steps of `up` refuse, a sentence each for `format` of SQL. Both say it with these.
 *
 * @param owner this stack as an owner, such as `laterbase/dev#1a2b3c4d`
 * @param where the server, such as `192.168.1.20:5432`
 */
export function refusals(owner: string, where: string): Record<string, string> {
  const stack = literal(stackOf(owner));
  // %1$s is the role or the slot, %2$s its owner, %3$s this stack, %4$s the number of an earlier stack of the same name.
  const command = `npm run laterbase -- preflight --take-over %4$s --stack ${stack}`;
  const role = 'Role "%1$s" on the primary belongs to %2$s, not to %3$s: it is left alone.';
  return {
    roleOfOthers:
      'Role "%1$s" is on the primary already and was not made by Laterbase: drop or rename it first.',
    roleOfStack: role,
    roleOfEarlier: `${role} If that stack of the same name is gone, '${command}' removes what it left there.`,
    slotOfOthers:
      'Slot "%1$s" is on the primary already and was not made by Laterbase: drop it (SELECT pg_drop_replication_slot(%1$L)) or give the standby another name.',
    slotOfStack:
      'Slot "%1$s" on the primary belongs to %2$s, not to %3$s: give the standby another name.',
    // %1$s is the database, %2$s the key that names it, and %3$s the databases that there are.
    database: `%2$s names "%1$s", which ${literal(where)} does not have; it has %3$s.`,
  };
}

/** The stack's name in its owner, `<project>/<stack>#<number>`. */
function stackOf(owner: string): string {
  return owner.slice(owner.indexOf("/") + 1).replace(/#.*$/, "");
}

const literal = (text: string) => text.replace(/%/g, "%%");

/** Why the machine of a primary cannot be used, in one sentence for every program that logs in there. */
export function notReachedBySsh(
  { host, port, user }: { host: string; port: number; user: string },
  why: string,
): string {
  return `${host}:${port} cannot be reached by SSH as ${user}: ${why.replace(/\.$/, "")}.`;
}
