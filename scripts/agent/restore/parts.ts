import { partitionOwners, type TableName, tableOwners, tablesOfOthers } from "./entryTables";
import { fewerParts } from "./fewerParts";
import type { Entry } from "../dump/toc";
import { withRows } from "./withRows";

/** When a part of an archive is restored. */
export type Stage = "define" | "load" | "finish" | "grant" | "refresh" | "last";

/** Entries that one run of pg_restore restores, with the rights of the same roles. */
export interface Part {
  stage: Stage;
  /** Whose rights it needs. Empty: the superuser's. */
  owners: string[];
  entries: Entry[];
  /** A table of another owner, which a foreign key here refers to. */
  refersTo: TableName[];
  /** The tables of other owners that a table here inherits from. */
  inherits: TableName[];
}

/** A part without entries, for other work with the rights of an owner. Empty: the superuser's. */
export function rightsOf(owner: string): Part {
  return {
    stage: "load",
    owners: owner === "" ? [] : [owner],
    entries: [],
    refersTo: [],
    inherits: [],
  };
}

/** What belongs to a table, and evaluates or can evaluate what its owner wrote. */
const OF_A_TABLE = new Set([
  ...["INDEX", "INDEX ATTACH", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "TRIGGER"],
  ...["RULE", "POLICY", "ROW SECURITY", "STATISTICS"],
]);

/** A default with this word gives its owner a table for a moment, and does no harm. */
const INHERITS = /^CREATE [A-Z ]*TABLE .*\bINHERITS \(/s;

/** In older archives, such as those of PostgreSQL 13, a partition and what attaches it are one entry. */
const ATTACHES = /^ALTER TABLE ONLY .* ATTACH PARTITION /m;

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
  const add = (stage: Stage, owners: string[], entry: Entry) => {
    let last = parts.at(-1);
    if (last?.stage !== stage || !sameOwners(last.owners, owners)) {
      parts.push((last = { stage, owners, entries: [], refersTo: [], inherits: [] }));
    }
    last.entries.push(entry);
    const { refersTo, inherits } = tablesFor(entry, owners, byId);
    last.refersTo.push(...refersTo);
    last.inherits.push(...inherits);
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
  const loads = byOwner(at("load"), trusted);
  // Without rows of superusers nothing is loaded as one, and nothing can come with it.
  const loaded = new Set([...loads].filter(([, rows]) => rows.length > 0).map(([owner]) => owner));
  const groupOf = (owner: string) => (trusted(owner) ? "" : owner);
  const early = withRows(at("finish"), loaded, groupOf, byId);
  for (const [owner, rows] of loads) {
    const owners = owner === "" ? [] : [owner];
    for (const entry of [...rows, ...(early.get(owner) ?? [])]) add("load", owners, entry);
  }
  const done = new Set([...early.values()].flat());
  const grouped = (stage: Stage, owners: (entry: Entry) => string[]) =>
    fewerParts(
      at(stage).filter((entry) => !done.has(entry)),
      (entry) => JSON.stringify(owners(entry).sort()),
    );
  const finishers = (entry: Entry) => (OF_A_TABLE.has(entry.kind) ? ownersOf(entry) : []);
  for (const entry of grouped("finish", finishers)) {
    add("finish", finishers(entry), entry);
  }
  for (const entry of at("grant")) add("grant", [], entry);
  for (const entry of grouped("refresh", ownersOf)) add("refresh", ownersOf(entry), entry);
  for (const entry of at("last")) add("last", [], entry);
  return parts;
}

/** The part of one entry that is tried again with the rights of its owner, whatever it is. */
export function partOfOwner(
  entry: Entry,
  byId: ReadonlyMap<number, Entry>,
  trusted: (owner: string) => boolean,
): Part {
  const owners = untrustedOwners(entry, byId, trusted);
  return { stage: stageOf(entry), owners, entries: [entry], ...tablesFor(entry, owners, byId) };
}

/** The tables of others that an entry of one owner needs. */
function tablesFor(
  entry: Entry,
  owners: readonly string[],
  byId: ReadonlyMap<number, Entry>,
): Pick<Part, "refersTo" | "inherits"> {
  const others = owners.length === 1 ? tablesOfOthers(entry, byId) : [];
  return {
    refersTo: entry.kind === "FK CONSTRAINT" ? others : [],
    inherits: INHERITS.test(entry.definition) || ATTACHES.test(entry.definition) ? others : [],
  };
}

/** The owners whose rights make an entry. None where one of them is nobody or a superuser. */
function untrustedOwners(
  entry: Entry,
  byId: ReadonlyMap<number, Entry>,
  trusted: (owner: string) => boolean,
): string[] {
  // It needs the rights on both tables. Older pg_dumps name no owner.
  const owners = entry.kind.endsWith(" ATTACH")
    ? tableOwners(entry, byId)
    : [
        ...new Set([
          entry.owner,
          ...(entry.kind === "TRIGGER" ? partitionOwners(entry, byId) : []),
        ]),
      ];
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

/** The superuser's entries first, then those of each owner. Rows do not depend on each other. */
function byOwner(entries: readonly Entry[], trusted: (owner: string) => boolean) {
  const groups = new Map<string, Entry[]>([["", []]]);
  for (const entry of entries) {
    const owner = entry.kind === "TABLE DATA" && !trusted(entry.owner) ? entry.owner : "";
    const group = groups.get(owner) ?? [];
    group.push(entry);
    groups.set(owner, group);
  }
  return groups;
}

function sameOwners(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((owner) => other.includes(owner));
}
