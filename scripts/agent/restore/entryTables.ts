import type { Entry } from "../dump/toc";

/** The kinds of entries that make a table. */
export const TABLES = new Set(["TABLE", "FOREIGN TABLE"]);

export interface TableName {
  schema: string;
  name: string;
}

/** The owners of the tables that an entry names. */
export function tableOwners({ needs }: Entry, byId: ReadonlyMap<number, Entry>): string[] {
  const tables = needs.map((id) => byId.get(id)).filter((entry) => entry && TABLES.has(entry.kind));
  return [...new Set(tables.map((table) => table?.owner ?? ""))];
}

/** The tables of other owners that a foreign key refers to, or that a table inherits from. */
export function tablesOfOthers(
  { owner, needs }: Entry,
  byId: ReadonlyMap<number, Entry>,
): TableName[] {
  return needs.flatMap((id) => {
    const other = byId.get(id);
    if (!other || !TABLES.has(other.kind) || other.owner === owner) return [];
    return [{ schema: other.schema, name: other.name }];
  });
}

type Entries = ReadonlyMap<number, Entry>;
const known = new WeakMap<Entries, Map<number, Entry[]>>();

/**
 * The owners of the partitions of the tables that an entry names, of all levels. A row trigger is also
 * made on each of them, and PostgreSQL looks for the right to do that on each.
 */
export function partitionOwners(entry: Entry, byId: Entries): string[] {
  return [...new Set(partitionsBelow(entry, byId).map(({ owner }) => owner))];
}

/** The partitions of the tables that an entry names, of all levels. */
function partitionsBelow(entry: Entry, byId: Entries): Entry[] {
  const children = known.get(byId) ?? partitionsOf(byId);
  known.set(byId, children);
  const waiting = [...entry.needs];
  const found = new Set<Entry>();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const partition of children.get(id) ?? []) {
      found.add(partition);
      waiting.push(partition.id);
    }
  }
  return [...found];
}

/** What can call a function of a user, which may not find another one under pg_restore's search_path. */
const CALLED = new Set(["FUNCTION", "OPERATOR", "EXTENSION"]);

/**
 * Whether a table that an entry names, or a partition of it, may refuse its rows the first time: a check or a
 * generated column calls something, or a column is of a domain.
 */
export function mayRefuseRows(entry: Entry, byId: Entries): boolean {
  const tables = entry.needs.flatMap((id) => byId.get(id) ?? []);
  return [...tables, ...partitionsBelow(entry, byId)].some(({ kind, definition, needs }) => {
    if (!TABLES.has(kind)) return false;
    const kinds = needs.map((id) => byId.get(id)?.kind ?? "");
    if (kinds.includes("DOMAIN")) return true;
    return /\b(?:CHECK|GENERATED)\b/.test(definition) && kinds.some((one) => CALLED.has(one));
  });
}

/** The partitions of each table, from the entries that attach them. */
function partitionsOf(byId: Entries): Map<number, Entry[]> {
  const found = new Map<number, Entry[]>();
  for (const { kind, needs, schema, name } of byId.values()) {
    if (kind !== "TABLE ATTACH") continue;
    const tables = needs.flatMap((id) => byId.get(id) ?? []).filter((one) => TABLES.has(one.kind));
    const partition = tables.find((table) => table.schema === schema && table.name === name);
    const parent = tables.find((table) => table !== partition);
    if (!partition || !parent) continue;
    found.set(parent.id, [...(found.get(parent.id) ?? []), partition]);
  }
  return found;
}
