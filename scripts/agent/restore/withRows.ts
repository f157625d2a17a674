import { mayRefuseRows, partitionOwners, tablesOfOthers } from "./entryTables";
import type { Entry } from "../dump/toc";

/**
 * What can follow the rows of its table at once, in the same run of pg_restore. Policies would hide
 * rows from the comparison, and the expression of a check may read rows that are not there yet.
 */
const WITH_ROWS = new Set(["INDEX", "CONSTRAINT", "FK CONSTRAINT", "TRIGGER", "STATISTICS"]);

/**
 * What meets rows that come later. Rows that are tried again would be changed by a trigger, and refused by the
 * foreign keys of two tables that refer to each other.
 */
const MEETS_ROWS = new Set(["FK CONSTRAINT", "TRIGGER"]);

/**
 * What comes after rows and needs nothing but tables of one owner. A run of its own for these would
 * cost each owner as much as its rows, and would leave a processor idle while the last large table loads.
 *
 * @param entries of the last section, each after what it needs
 * @param groups whose rows are loaded in one run
 * @param groupOf the group of an owner's rows. All superusers share one
 */
export function withRows(
  entries: readonly Entry[],
  groups: ReadonlySet<string>,
  groupOf: (owner: string) => string,
  byId: ReadonlyMap<number, Entry>,
): Map<string, Entry[]> {
  const early = new Map<string, Entry[]>();
  // Whose run makes an entry. Undefined: it comes later.
  const madeWith = new Map<number, string | undefined>(entries.map(({ id }) => [id, undefined]));
  for (const entry of entries) {
    const { id, kind, owner, needs } = entry;
    const group = groupOf(owner);
    if (owner === "" || !groups.has(group) || !WITH_ROWS.has(kind)) continue;
    if (needs.some((need) => madeWith.has(need) && madeWith.get(need) !== group)) continue;
    if (tablesOfOthers(entry, byId).length > 0) continue;
    if (MEETS_ROWS.has(kind) && mayRefuseRows(entry, byId)) continue;
    const partitions = kind === "TRIGGER" ? partitionOwners(entry, byId) : [];
    if (partitions.some((other) => other !== owner)) continue;
    madeWith.set(id, group);
    const own = early.get(group) ?? [];
    own.push(entry);
    early.set(group, own);
  }
  return early;
}
