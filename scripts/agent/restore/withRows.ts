import { partitionOwners, tablesOfOthers } from "./entryTables";
import type { Entry } from "../dump/toc";

/**
 * What can follow the rows of its table at once, in the same run of pg_restore. Policies would hide
 * rows from the comparison, and the expression of a check may read rows that are not there yet.
 */
const WITH_ROWS = new Set(["INDEX", "CONSTRAINT", "FK CONSTRAINT", "TRIGGER", "STATISTICS"]);

/**
 * What comes after rows and needs nothing but tables of one owner. A run of its own for these would
 * cost each owner as much as its rows.
 *
 * @param entries of the last section, each after what it needs
 * @param owners whose rows are loaded as them
 */
export function withRows(
  entries: readonly Entry[],
  owners: ReadonlySet<string>,
  byId: ReadonlyMap<number, Entry>,
): Map<string, Entry[]> {
  const early = new Map<string, Entry[]>();
  // Whose run makes an entry. Empty: it comes later.
  const madeWith = new Map(entries.map(({ id }) => [id, ""]));
  for (const entry of entries) {
    const { id, kind, owner, needs } = entry;
    if (owner === "" || !owners.has(owner) || !WITH_ROWS.has(kind)) continue;
    if (needs.some((need) => (madeWith.get(need) ?? owner) !== owner)) continue;
    if (tablesOfOthers(entry, byId).length > 0) continue;
    const partitions = kind === "TRIGGER" ? partitionOwners(entry, byId) : [];
    if (partitions.some((other) => other !== owner)) continue;
    madeWith.set(id, owner);
    const own = early.get(owner) ?? [];
    own.push(entry);
    early.set(owner, own);
  }
  return early;
}
