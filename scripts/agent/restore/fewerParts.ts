import type { Entry } from "../dump/toc";

/**
 * Orders entries so that those of one owner follow each other as far as their dependencies allow:
 * each change of the owner costs a run of pg_restore and new sessions. What an entry needs comes
 * before it, as with `pg_restore --jobs`, which also relies on the dependencies alone.
 *
 * @param entries each after what it needs
 * @param groupOf equal for entries that one part can hold
 */
export function fewerParts(
  entries: readonly Entry[],
  groupOf: (entry: Entry) => string,
): readonly Entry[] {
  const here = new Set(entries.map(({ id }) => id));
  const lacks = new Map<Entry, number>();
  const neededBy = new Map<number, Entry[]>();
  const ready = new Map<string, Entry[]>();
  const add = <Key>(map: Map<Key, Entry[]>, key: Key, entry: Entry) => {
    const list = map.get(key);
    if (list) list.push(entry);
    else map.set(key, [entry]);
  };
  for (const entry of entries) {
    const needs = new Set(entry.needs.filter((id) => here.has(id)));
    lacks.set(entry, needs.size);
    for (const id of needs) add(neededBy, id, entry);
    if (needs.size === 0) add(ready, groupOf(entry), entry);
  }
  const ordered: Entry[] = [];
  for (const [group, own] of ready) {
    // The list grows while it is read: by what waited for an entry of the same group.
    for (const entry of own) {
      ordered.push(entry);
      for (const next of neededBy.get(entry.id) ?? []) {
        const left = (lacks.get(next) ?? 0) - 1;
        lacks.set(next, left);
        if (left === 0) add(ready, groupOf(next), next);
      }
    }
    // A group that gets more later is then a new one, at the end.
    ready.delete(group);
  }
  // Two that need each other would be left out.
  return ordered.length === entries.length ? ordered : entries;
}
