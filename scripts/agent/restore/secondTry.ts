import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Client, DatabaseError, escapeIdentifier as name } from "pg";
import type { MissingObject } from "../../../contract/agentReplies";
import { sentenceOf } from "../kit/failure";
import type { DomainChecks } from "./domainChecks";
import { CALLABLES } from "./lentRights";
import { loadRows } from "./loadRows";
import { asRole, type PartRunner, type RestoredDatabase } from "./partRunner";
import { type Part, partOfOwner, partsOf, type Stage, stageOf } from "./parts";
import { holdsNothingOfOthers, searchPathOf } from "./searchPath";
import type { Entry } from "./toc";

/** What names no function, operator or type that could be found elsewhere. An owner has no better rights. */
const NAMES_NOTHING: ReadonlySet<string> = new Set([
  ...["ACL", "DEFAULT ACL", "COMMENT", "SECURITY LABEL", "SCHEMA", "EXTENSION", "DATABASE"],
]);
/** Large objects have no names, and pg_restore alone can load them. */
const LARGE_OBJECTS = /^BLOB/;

/** An entry that could not be made yet. */
interface Failed {
  entry: Entry;
  /** What was said the last time. The code is absent where only pg_restore tried. */
  error: string;
  code?: string;
}

/**
 * The entries that pg_restore could not make are tried again, each alone, so that the server gives its
 * SQLSTATE. An owner's entry is then made in that owner's session and under the search_path of the dumped
 * database: pg_restore leaves only pg_catalog in it, and a function in the database may name others
 * without their schemas. A superuser's entry is made so only where that search_path holds nothing of
 * others. The rounds end when one of them makes nothing.
 */
export class SecondTry {
  private readonly failed = new Map<number, Failed>();
  private readonly byId: ReadonlyMap<number, Entry>;
  private readonly paths = new Map<string, Promise<string>>();
  private readonly isTrusted: (owner: string) => boolean;

  /** @param session a superuser's, in the database that is restored */
  constructor(
    private readonly restored: RestoredDatabase,
    private readonly runner: PartRunner,
    private readonly session: Client,
    private readonly checks: DomainChecks,
    private readonly signal: AbortSignal,
  ) {
    this.byId = new Map(restored.entries.map((entry) => [entry.id, entry]));
    this.isTrusted = (owner) => !restored.role || restored.trusted.includes(owner);
  }

  /** Remembers what a run of pg_restore could not make. */
  note(errors: ReadonlyMap<number, string>): void {
    for (const [id, error] of errors) {
      const entry = this.byId.get(id);
      if (entry) this.failed.set(id, { entry, error });
    }
  }

  /** Remembers a check of a domain that is missing or not validated. */
  noteCheck(check: { schema: string; domain: string; constraint: string }, error: unknown): void {
    const { schema, domain, constraint } = check;
    const found = this.restored.entries.find(
      (entry) => entry.kind === "DOMAIN" && entry.schema === schema && entry.name === domain,
    );
    const code = this.codeOfObject(error);
    if (!found || this.restored.strict) throw error;
    // The domain itself is there.
    const entry = { ...found, kind: "DOMAIN CHECK", name: `${domain} ${constraint}` };
    this.failed.set(found.id, { entry, code, error: sentenceOf(error) });
  }

  /** Gives a session the search_path that an owner has in the dumped database. */
  async usePath(session: Client, owner: string): Promise<void> {
    const { client, manifest } = this.restored;
    const path = this.paths.get(owner) ?? searchPathOf(client, owner, manifest.database.settings);
    this.paths.set(owner, path);
    await setPath(session, await path);
  }

  /** Whether an entry of these is still missing. */
  lacks(entries: readonly Entry[]): boolean {
    return entries.some(({ id }) => this.failed.has(id));
  }

  /** Tries again what is missing of a stage. Rows come before triggers exist, so none comes later. */
  async run(...stages: Stage[]): Promise<void> {
    const waiting = () =>
      [...this.failed.values()]
        .map(({ entry }) => entry)
        .filter((entry) => stages.includes(stageOf(entry)))
        .sort((a, b) => this.restored.entries.indexOf(a) - this.restored.entries.indexOf(b));
    let before = Infinity;
    for (let left = waiting(); left.length > 0 && left.length < before; left = waiting()) {
      // In the first round nothing is there that was not there a moment ago.
      if (before !== Infinity) await this.repeat(left);
      before = left.length;
      for (const entry of waiting()) await this.alone(entry);
    }
  }

  /** What is missing in the end, in the order of the archive. */
  missing(): MissingObject[] {
    return this.restored.entries.flatMap((entry) => {
      const failed = this.failed.get(entry.id);
      if (!failed) return [];
      const needs = entry.needs.flatMap((id) => this.failed.get(id)?.entry ?? []);
      const { id, kind, owner } = failed.entry;
      return {
        ...{ id, kind, name: titleOf(failed.entry), owner },
        ...{ code: failed.code ?? null, error: failed.error },
        needs: needs.map((other) => `${other.kind} ${titleOf(other)}`),
      };
    });
  }

  /** The missing entries themselves. */
  entries(): Entry[] {
    return this.restored.entries.filter(({ id }) => this.failed.has(id));
  }

  /** As the first time: what they need may be there now. */
  private async repeat(entries: readonly Entry[]): Promise<void> {
    for (const part of partsOf(entries, this.isTrusted, this.restored.entries)) {
      await this.runner.as(part, async (role) => {
        if (!role) await this.checks.turnOff();
        const errors = await this.runner.pgRestore(part, role);
        for (const { id } of part.entries) if (!errors.has(id)) this.failed.delete(id);
      });
    }
  }

  /** In a session of its own: an owner's code may leave anything behind in it. */
  private async alone(entry: Entry): Promise<void> {
    const rows = entry.kind === "TABLE DATA";
    // A letter that the archive's encoding does not have would become another one.
    const text = rows ? entry.copy : entry.definition;
    if (text === "" || text.includes("\ufffd") || LARGE_OBJECTS.test(entry.kind)) return;
    const part = partOfOwner(entry, this.byId, this.isTrusted);
    const work = async (session: Client) => {
      await this.prepare(session, entry);
      if (rows) await this.load(session, entry);
      else await session.query(entry.definition);
    };
    try {
      if (part.owners.length === 0 || NAMES_NOTHING.has(entry.kind))
        await this.asSuperuser(entry, work);
      else await this.asOwner(part, work);
      this.failed.delete(entry.id);
    } catch (error) {
      const code = this.codeOfObject(error);
      this.failed.set(entry.id, { entry, code, error: sentenceOf(error) });
    }
  }

  /** The SQLSTATE of an error that costs one object. Any other error ends the restore. */
  private codeOfObject(error: unknown): string {
    this.signal.throwIfAborted();
    if (!(error instanceof DatabaseError) || isOfServer(error.code ?? "08")) throw error;
    return error.code ?? "";
  }

  private async asOwner(part: Part, work: (session: Client) => Promise<void>): Promise<void> {
    const { database, role: restoring } = this.restored;
    const [owner = "", ...others] = part.owners;
    await this.runner.as(part, async () => {
      if (!restoring) return;
      const own = others.length === 0 ? asRole(restoring.login, owner) : restoring.login;
      await own.during(database, this.signal, async (session) => {
        await this.usePath(session, owner);
        await work(session);
      });
    });
  }

  private async asSuperuser(entry: Entry, work: (session: Client) => Promise<void>): Promise<void> {
    const { login, database, trusted } = this.restored;
    await this.checks.turnOff();
    const { owner } = entry;
    await login.during(database, this.signal, async (session) => {
      if (owner !== "") {
        if (NAMES_NOTHING.has(entry.kind) || !this.isTrusted(owner)) return work(session);
        const safe = "pg_catalog, pg_temp";
        await session.query(`SET ROLE ${name(owner)}`);
        await this.usePath(session, owner);
        if (!(await holdsNothingOfOthers(session, trusted))) await setPath(session, safe);
      }
      return work(session);
    });
  }

  /** What pg_restore sets before an entry. */
  private async prepare(session: Client, { tablespace, accessMethod }: Entry): Promise<void> {
    const settings: Record<string, string> = {
      check_function_bodies: "off",
      standard_conforming_strings: /'off'/.test(this.headOf("STDSTRINGS")) ? "off" : "on",
      default_tablespace: this.restored.withoutTablespaces ? "" : tablespace,
      ...(accessMethod === "" ? {} : { default_table_access_method: accessMethod }),
    };
    await session.query(
      "SELECT pg_catalog.set_config(key, value, false) FROM pg_catalog.json_each_text($1)",
      [JSON.stringify(settings)],
    );
  }

  private async load(session: Client, entry: Entry): Promise<void> {
    const { file, login } = this.restored;
    const list = join(login.folder, "rows");
    writeFileSync(list, `${entry.id};\n`);
    const encoding = /'(\w+)'/.exec(this.headOf("ENCODING"))?.[1] ?? "UTF8";
    await loadRows(session, entry, { archive: file, list, encoding }, this.signal);
  }

  /** The statement of an entry that comes once, before all others. */
  private headOf(kind: string): string {
    return this.restored.entries.find((entry) => entry.kind === kind)?.definition ?? "";
  }
}

/** How an entry is named for people. */
export function titleOf({ schema, name: own }: Pick<Entry, "schema" | "name">): string {
  return schema === "" ? own : `${schema}.${own}`;
}

async function setPath(session: Client, path: string): Promise<void> {
  await session.query("SELECT pg_catalog.set_config('search_path', $1, false)", [path]);
}

/**
 * Whether an error is about the server and not about one object: its connections (08), its memory and
 * disks (53), its shutdown (57P), its files (58). A library that is not there (58P01) costs its function.
 */
export function isOfServer(code: string): boolean {
  return /^(08|53|57P|58)/.test(code) && code !== "58P01";
}
