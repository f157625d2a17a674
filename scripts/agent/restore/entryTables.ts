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
