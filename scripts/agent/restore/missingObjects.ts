import { DatabaseError } from "pg";
import type { MissingObject } from "../../../contract/agentReplies";
import { codeOf, sentenceOf } from "../kit/failure";
import { largeObjectsName } from "./compare";
import type { Entry } from "../dump/toc";

/** An entry that could not be made yet. */
interface Failed {
  entry: Entry;
  /** What was said the last time. The code is absent where only pg_restore tried. */
  error: string;
  code?: string;
}

/** The objects of an archive that could not be made, or not yet. */
export class MissingObjects {
  private readonly failed = new Map<number, Failed>();
  private readonly byId: ReadonlyMap<number, Entry>;
  private readonly settings: MissingObject[] = [];
  /** The statements of the settings that are missing. */
  readonly statements: string[] = [];

  /** @param all every entry of the archive */
  constructor(private readonly all: readonly Entry[]) {
    this.byId = new Map(all.map((entry) => [entry.id, entry]));
  }

  /** Remembers what a run of pg_restore could not make. */
  note(errors: ReadonlyMap<number, string>): void {
    for (const [id, error] of errors) {
      const entry = this.byId.get(id);
      if (entry) this.failed.set(id, { entry, error });
    }
  }

  /**
   * Remembers what the server says of one entry. An error that is not about an object is thrown.
   *
   * @param ended whether an owner's code ended its own session, and the server lives
   */
  refused(entry: Entry, error: unknown, ended = false): void {
    const code = ended ? (codeOf(error) ?? "") : codeOfObject(error);
    this.failed.set(entry.id, { entry, code, error: sentenceOf(error) });
  }

  /** The same for a check of a domain that is missing or not validated. The domain itself is there. */
  refusedCheck(
    { schema, domain, constraint }: { schema: string; domain: string; constraint: string },
    error: unknown,
  ): void {
    const found = this.all.find(
      (entry) => entry.kind === "DOMAIN" && entry.schema === schema && entry.name === domain,
    );
    if (!found) throw error;
    this.refused({ ...found, kind: "DOMAIN CHECK", name: `${domain} ${constraint}` }, error);
  }

  /** The same for a setting of the database, or of a role in it. */
  refusedSetting(
    { name, role }: { name: string; role: string | null },
    statement: string,
    error: unknown,
  ): void {
    const [code, owner] = [codeOfObject(error), role ?? ""];
    // The settings are set twice: before the rows, and again in the order that they had.
    if (this.settings.some((known) => known.name === name && known.owner === owner)) return;
    const what = { id: 0, kind: "DATABASE SETTING", name, owner, needs: [] };
    this.settings.push({ ...what, code, error: sentenceOf(error) });
    this.statements.push(statement);
  }

  /** It is there now. */
  made(id: number): void {
    this.failed.delete(id);
  }

  /** The SQLSTATE of a missing entry. Undefined where it is there, or only pg_restore tried. */
  codeOf({ id }: Entry): string | undefined {
    return this.failed.get(id)?.code;
  }

  /** Whether one of these is missing. */
  lacks(entries: readonly Entry[]): boolean {
    return entries.some(({ id }) => this.failed.has(id));
  }

  /** The entries, in the order of the archive. */
  entries(): Entry[] {
    return this.failed.size === 0 ? [] : this.all.filter(({ id }) => this.failed.has(id));
  }

  /**
   * What is expected to differ from the manifest, by name: missing tables, rows and sequences, and those of
   * a missing extension, which have no entry.
   */
  excused({ tables, sequences = [] }: Relations): Set<string> {
    const missing = this.entries();
    const names = new Set(missing.map(titleOf));
    if (missing.some(({ kind }) => kind.startsWith("BLOB"))) names.add(largeObjectsName);
    if (missing.some(({ kind }) => kind === "EXTENSION")) {
      const kinds = ["TABLE", "SEQUENCE"];
      const own = new Set(this.all.filter(({ kind }) => kinds.includes(kind)).map(titleOf));
      for (const one of [...tables, ...sequences].map(titleOf)) if (!own.has(one)) names.add(one);
    }
    return names;
  }

  /** The same for people. */
  objects(): MissingObject[] {
    const objects = this.entries().flatMap(({ id, needs }) => {
      const failed = this.failed.get(id);
      if (!failed) return [];
      const { entry, code = null, error } = failed;
      const others = needs.flatMap((need) => this.failed.get(need)?.entry ?? []);
      return {
        ...{ id, kind: entry.kind, name: titleOf(entry), owner: entry.owner, code, error },
        needs: others.map((other) => `${other.kind} ${titleOf(other)}`),
      };
    });
    return [...this.settings, ...objects];
  }
}

/** What is about another object: its name begins with that object's kind. */
const ABOUT = new Set(["ACL", "COMMENT", "DEFAULT ACL", "SECURITY LABEL"]);

/** The relations of a manifest that have values. */
interface Relations {
  tables: readonly Pick<Entry, "schema" | "name">[];
  sequences?: readonly Pick<Entry, "schema" | "name">[];
}

/** How an entry is named for people. */
export function titleOf({
  schema,
  name,
  kind = "",
}: Pick<Entry, "schema" | "name"> & Partial<Pick<Entry, "kind">>): string {
  if (schema === "") return name;
  return ABOUT.has(kind) ? `${name} in ${schema}` : `${schema}.${name}`;
}

/** The SQLSTATE of an error that costs one object. Any other error is thrown. */
function codeOfObject(error: unknown): string {
  if (!(error instanceof DatabaseError)) throw error;
  const { code, routine } = error;
  // An owner's RAISE can give any code. The routine is the function of PostgreSQL's source, in no language.
  if (code === undefined || (isOfServer(code) && routine !== "exec_stmt_raise")) throw error;
  return code;
}

/** A library that is not there costs its function, and a limit on one statement costs its object. */
const ofObject: readonly string[] = ["58P01", "53400"];

/**
 * Whether an error is about the server and not about one object: its connections (08), its memory and
 * disks (53), its shutdown (57P), its files (58).
 */
function isOfServer(code: string): boolean {
  return /^(08|53|57P|58)/.test(code) && !ofObject.includes(code);
}
