import type { Entry } from "./toc";

/** When a part of an archive is restored. */
export type Stage = "define" | "load" | "finish" | "grant" | "refresh" | "last";

/** Entries that one run of pg_restore restores, with the rights of the same roles. */
export interface Part {
  stage: Stage;
  /** Whose rights it needs. Empty: the superuser's. */
  owners: string[];
  entries: Entry[];
  /** A table of another owner, which a foreign key here refers to. */
  refersTo: { schema: string; name: string }[];
}

/** What belongs to a table, and evaluates or can evaluate what its owner wrote. */
const OF_A_TABLE = new Set([
  ...["INDEX", "INDEX ATTACH", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "TRIGGER"],
  ...["RULE", "POLICY", "ROW SECURITY", "STATISTICS"],
]);

const TABLES = new Set(["TABLE", "FOREIGN TABLE"]);

/** What an owner can make as well as the superuser, so that a run does not end at each of them. */
const EITHER = new Set(["TABLE", "SEQUENCE", "SEQUENCE OWNED BY", "DEFAULT"]);

/**
 * The parts of an archive, in their order. What can evaluate an owner's expressions is a part of that
 * owner: rows, constraints, indexes, partitions, materialized views. Definitions that evaluate
 * nothing are the superuser's, and so is everything of an owner who is a superuser.
 *
 * @param trusted whether a role is a superuser or can become one
 * @param all every entry of the archive, where `entries` are only some
 */
export function partsOf(
  entries: readonly Entry[],
  trusted: (owner: string) => boolean,
  all: readonly Entry[] = entries,
): Part[] {
  const byId = new Map(all.map((entry) => [entry.id, entry]));
  const ownersOf = (entry: Entry) => untrustedOwners(entry, byId, trusted);
  const parts: Part[] = [];
  const add = (stage: Stage, owners: string[], entry: Entry, refersTo: Part["refersTo"] = []) => {
    const last = parts.at(-1);
    if (last?.stage === stage && sameOwners(last.owners, owners)) {
      last.entries.push(entry);
      last.refersTo.push(...refersTo);
    } else parts.push({ stage, owners, entries: [entry], refersTo: [...refersTo] });
  };
  const at = (stage: Stage) => entries.filter((entry) => stageOf(entry) === stage);

  for (const entry of at("define")) {
    const owners = ownersOf(entry);
    const current = parts.at(-1)?.owners ?? [];
    const alone = tableOwners(entry, byId).every((owner) => owner === entry.owner);
    const joins =
      EITHER.has(entry.kind) && entry.tablespace === "" && alone && sameOwners(current, owners);
    add("define", evaluates(entry) || joins ? owners : [], entry);
  }
  for (const loads of byOwner(at("load"), trusted)) {
    for (const entry of loads.entries) add("load", loads.owners, entry);
  }
  for (const entry of at("finish")) {
    const owners = OF_A_TABLE.has(entry.kind) ? ownersOf(entry) : [];
    add("finish", owners, entry, entry.kind === "FK CONSTRAINT" ? referred(entry, byId) : []);
  }
  for (const entry of at("grant")) add("grant", [], entry);
  for (const entry of at("refresh")) add("refresh", ownersOf(entry), entry);
  for (const entry of at("last")) add("last", [], entry);
  return parts;
}

/** The part of one entry that is tried again with the rights of its owner, whatever it is. */
export function partOfOwner(
  entry: Entry,
  byId: ReadonlyMap<number, Entry>,
  trusted: (owner: string) => boolean,
): Part {
  const refersTo = entry.kind === "FK CONSTRAINT" ? referred(entry, byId) : [];
  const owners = untrustedOwners(entry, byId, trusted);
  return { stage: stageOf(entry), owners, entries: [entry], refersTo };
}

/** The owners whose rights make an entry. None where one of them is nobody or a superuser. */
function untrustedOwners(
  entry: Entry,
  byId: ReadonlyMap<number, Entry>,
  trusted: (owner: string) => boolean,
): string[] {
  // It needs the rights on both tables. Older pg_dumps name no owner.
  const owners = entry.kind.endsWith(" ATTACH") ? tableOwners(entry, byId) : [entry.owner];
  return owners.some((owner) => owner === "" || trusted(owner)) ? [] : owners;
}

export function stageOf(entry: Entry): Stage {
  const { kind, section, name } = entry;
  if (kind === "MATERIALIZED VIEW DATA") return "refresh";
  if (kind === "EVENT TRIGGER") return "last";
  // They would be refused before the event trigger is there.
  if (/^(COMMENT|SECURITY LABEL)$/.test(kind) && name.startsWith("EVENT TRIGGER ")) return "last";
  if (section === "none" || kind === "DEFAULT ACL") return "grant";
  if (section === "data") return "load";
  return section === "pre-data" ? "define" : "finish";
}

/**
 * Whether a definition can evaluate something. PostgreSQL computes the constant parts of generated
 * columns and partition keys when it makes or reads them, and coerces partition bounds. A word that
 * stands in a default makes a table the owner's as well, and does no harm.
 */
function evaluates({ kind, definition }: Entry): boolean {
  if (kind === "TABLE" || kind === "FOREIGN TABLE")
    return /\bGENERATED\b|\bPARTITION BY\b/.test(definition);
  if (kind === "DOMAIN") return /\bCHECK\b/.test(definition);
  return kind === "TABLE ATTACH";
}

/** The owners of the tables that an entry names. */
function tableOwners({ needs }: Entry, byId: ReadonlyMap<number, Entry>): string[] {
  const tables = needs.map((id) => byId.get(id)).filter((entry) => entry && TABLES.has(entry.kind));
  return [...new Set(tables.map((table) => table?.owner ?? ""))];
}

/** The tables of other owners that a foreign key refers to. */
function referred({ owner, needs }: Entry, byId: ReadonlyMap<number, Entry>): Part["refersTo"] {
  return needs.flatMap((id) => {
    const other = byId.get(id);
    if (other?.kind !== "TABLE" || other.owner === owner) return [];
    return [{ schema: other.schema, name: other.name }];
  });
}

/** The superuser's entries first, then those of each owner. Rows do not depend on each other. */
function byOwner(entries: readonly Entry[], trusted: (owner: string) => boolean) {
  const groups = new Map<string, Entry[]>([["", []]]);
  for (const entry of entries) {
    const owner = entry.kind === "TABLE DATA" && !trusted(entry.owner) ? entry.owner : "";
    groups.set(owner, [...(groups.get(owner) ?? []), entry]);
  }
  return [...groups].map(([owner, own]) => ({ owners: owner === "" ? [] : [owner], entries: own }));
}

function sameOwners(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((owner) => other.includes(owner));
}
