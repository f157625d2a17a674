import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Client, escapeIdentifier as name } from "pg";
import { codeOf } from "../kit/failure";
import type { DomainChecks } from "./domainChecks";
import { HAS_OWN_PATH, withFunctionPaths } from "./functionPaths";
import { CALLABLES } from "./lentRights";
import { loadRows } from "./loadRows";
import type { MissingObjects } from "./missingObjects";
import { asRole, type PartRunner, type RestoredDatabase } from "./partRunner";
import { type Part, partOfOwner, partsOf, type Stage, stageOf } from "./parts";
import { holdsNothingOfOthers, searchPathOf } from "./searchPath";
import type { Entry } from "../dump/toc";

/** What names no function, operator or type that could be found elsewhere. An owner has no better rights. */
const NAMES_NOTHING: ReadonlySet<string> = new Set([
  ...["ACL", "DEFAULT ACL", "COMMENT", "SECURITY LABEL", "SCHEMA", "EXTENSION", "DATABASE"],
]);
/** Large objects have no names, and pg_restore alone can load them. */
const LARGE_OBJECTS = /^BLOB/;
const SAFE_PATH = "pg_catalog, pg_temp";
/** SQLSTATEs: insufficient_privilege, admin_shutdown. */
const [NO_RIGHT, ENDED] = ["42501", "57P01"];

/**
 * The entries that pg_restore could not make are tried again, each alone, so that the server gives its
 * SQLSTATE. An owner's entry is then made in that owner's session and under the search_path of the dumped
 * database: pg_restore leaves only pg_catalog in it, and a function in the database may name others
 * without their schemas. A superuser's entry is made so only where that search_path holds nothing of
 * others. The rounds end when one of them makes nothing.
 */
export class SecondTry {
  private readonly byId: ReadonlyMap<number, Entry>;
  private readonly paths = new Map<string, Promise<string>>();
  private readonly isTrusted: (owner: string) => boolean;

  constructor(
    private readonly restored: RestoredDatabase,
    private readonly runner: PartRunner,
    private readonly missing: MissingObjects,
    private readonly checks: DomainChecks,
    private readonly signal: AbortSignal,
  ) {
    this.byId = new Map(restored.entries.map((entry) => [entry.id, entry]));
    this.isTrusted = (owner) => !restored.role || restored.trusted.includes(owner);
  }

  /** Gives a session the search_path that an owner has in the dumped database. */
  async usePath(session: Client, owner: string): Promise<void> {
    const { client, manifest } = this.restored;
    const path = this.paths.get(owner) ?? searchPathOf(client, owner, manifest.database.settings);
    this.paths.set(owner, path);
    await setPath(session, await path);
  }

  /** Tries again what is missing of a stage. Rows come before triggers exist, so none comes later. */
  async run(...stages: Stage[]): Promise<void> {
    const waiting = () => this.missing.entries().filter((entry) => stages.includes(stageOf(entry)));
    let before = Infinity;
    for (let left = waiting(); left.length > 0 && left.length < before; left = waiting()) {
      // In the first round nothing is there that was not there a moment ago.
      if (before !== Infinity) await this.repeat(left);
      before = left.length;
      for (const group of this.groupsOf(waiting())) await this.alone(group);
    }
  }

  /** As the first time: what they need may be there now. */
  private async repeat(entries: readonly Entry[]): Promise<void> {
    for (const part of partsOf(entries, this.isTrusted, this.restored.entries)) {
      await this.runner.as(part, async (role) => {
        if (!role) await this.checks.turnOff();
        const errors = await this.runner.pgRestore(part, role);
        for (const { id } of part.entries) if (!errors.has(id)) this.missing.made(id);
      });
    }
  }

  /** Entries of the same owner, which take the rights once. What can be called stands alone. */
  private groupsOf(entries: readonly Entry[]): Part[] {
    const groups: Part[] = [];
    for (const entry of entries.filter(canBeAlone)) {
      const part = partOfOwner(entry, this.byId, this.isTrusted);
      // At the end the role of the restore is gone.
      if (NAMES_NOTHING.has(entry.kind) || part.stage === "last") part.owners = [];
      const last = groups.at(-1);
      const joins =
        last?.stage === part.stage &&
        last.owners.join("\0") === part.owners.join("\0") &&
        ![entry, ...last.entries].some(({ kind }) => CALLABLES.has(kind));
      if (!joins) groups.push(part);
      else {
        last.entries.push(entry);
        last.refersTo.push(...part.refersTo);
        last.inherits.push(...part.inherits);
      }
    }
    return groups;
  }

  /**
   * Each entry of a group alone. One that is made may leave anything behind in its session, so the next
   * one gets another session. A failure is rolled back with all that it did.
   */
  private async alone(part: Part): Promise<void> {
    await this.runner.as(part, async () => {
      let open: { session: Client; key: string } | undefined;
      const use = async (entry: Entry, work: (session: Client) => Promise<void>) => {
        const key = `${entry.owner} ${NAMES_NOTHING.has(entry.kind)}`;
        if (open?.key !== key) {
          await open?.session.end();
          open = { session: await this.open(part, entry), key };
        }
        const { session } = open;
        if (await this.failsCleanly(entry, session, work)) return;
        open = undefined;
        await session.end().catch(() => undefined);
      };
      for (const entry of part.entries) {
        await use(entry, async (session) => {
          if (entry.kind === "TABLE DATA") await this.load(session, entry);
          else await session.query(entry.definition);
        });
        const code = this.missing.codeOf(entry);
        if (code !== undefined && HAS_OWN_PATH.has(entry.kind)) {
          await use(entry, (session) => withFunctionPaths(session, entry.definition));
        }
        if (code === NO_RIGHT && part.owners.length > 0) await this.askSuperuser(entry);
      }
      await open?.session.end();
    });
  }

  /** Works in a session. Returns whether that failed and was rolled back, so that the session is as before. */
  private async failsCleanly(
    entry: Entry,
    session: Client,
    work: (session: Client) => Promise<void>,
  ): Promise<boolean> {
    await this.prepare(session, entry);
    try {
      await work(session);
      this.missing.made(entry.id);
      return false;
    } catch (error) {
      this.signal.throwIfAborted();
      // An owner's code can end the session that it runs in.
      const ended = codeOf(error) === ENDED;
      if (ended) await this.runner.serverLives();
      this.missing.refused(entry, error, ended);
      if (ended) return false;
      await session.query("ROLLBACK");
      return true;
    }
  }

  /** The server's answer where only a superuser may make an entry, as in its first run. Nothing stays. */
  private async askSuperuser(entry: Entry): Promise<void> {
    const [first] = partsOf([entry], this.isTrusted, this.restored.entries);
    if (!first || first.owners.length > 0) return;
    const { login, database } = this.restored;
    await this.checks.turnOff();
    await login.during(database, this.signal, async (session) => {
      await this.prepare(session, entry);
      await session.query("BEGIN");
      await session
        .query(entry.definition)
        .catch((error: unknown) => this.missing.refused(entry, error));
    });
  }

  /**
   * A session with the rights of a part and the search_path that an entry of it may have. Values depend on the
   * same settings in it as in pg_restore's.
   */
  private async open(part: Part, { owner, kind }: Entry): Promise<Client> {
    const { login, database, trusted, role, values } = this.restored;
    const [first, ...others] = part.owners;
    if (first !== undefined) {
      if (!role) throw new Error("the role that restores is missing");
      const own = others.length === 0 ? asRole(role.login, first) : role.login;
      const session = await own.connect(database, this.signal, values);
      await this.usePath(session, first);
      return session;
    }
    await this.checks.turnOff();
    const session = await login.connect(database, this.signal, values);
    if (owner === "" || NAMES_NOTHING.has(kind) || !this.isTrusted(owner)) return session;
    await session.query(`SET ROLE ${name(owner)}`);
    await this.usePath(session, owner);
    if (!(await holdsNothingOfOthers(session, trusted))) await setPath(session, SAFE_PATH);
    return session;
  }

  /**
   * What pg_restore sets before an entry. A materialized view may read tables with policies, and then holds what
   * its owner may see.
   */
  private async prepare(session: Client, { kind, tablespace, accessMethod }: Entry): Promise<void> {
    const settings: Record<string, string> = {
      check_function_bodies: "off",
      row_security: kind === "MATERIALIZED VIEW DATA" ? "on" : "off",
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

/** Rows alone have no definition. A letter that is not in the archive's encoding would become another. */
function canBeAlone({ kind, definition, copy }: Entry): boolean {
  const text = kind === "TABLE DATA" ? copy : definition;
  return text !== "" && !text.includes("\ufffd") && !LARGE_OBJECTS.test(kind);
}

async function setPath(session: Client, path: string): Promise<void> {
  await session.query("SELECT pg_catalog.set_config('search_path', $1, false)", [path]);
}
