import { type Client, escapeIdentifier as name } from "pg";
import type { Comparison } from "../../../contract/agentReplies";
import { type CatalogTable, catalogTables } from "../dump/contents";
import { sentenceOf } from "../kit/failure";
import { type Comparing, compareLargeObjects, compareTables, missingTables } from "./compare";
import { ComparisonDuringRestore } from "./comparisonDuringRestore";
import { compareSequences } from "./compareSequences";
import { compareViews, viewNotes } from "./compareViews";
import { DomainChecks } from "./domainChecks";
import { asRole, PartRunner, type RestoredDatabase } from "./partRunner";
import { type Part, partsOf } from "./parts";
import type { RestoreRole } from "./restoreRole";

/** A database that is filled, and compared. */
export interface FillingDatabase extends RestoredDatabase {
  /** Whether clients use it at once. Otherwise autovacuum collects the statistics in time. */
  analyze: boolean;
  /** Called once the rows are compared. It throws when they must not differ. */
  onCompared: (found: Comparison) => void;
}

/** What took how long, in seconds. */
export interface Timings {
  filling: number;
  comparing: number;
  analyzing: number;
}

/**
 * Fills a database part by part, and compares its rows before anything uses them. The superuser
 * defines; whatever evaluates an owner's expressions runs in the restore role's sessions, which have
 * the rights of that owner only.
 */
export class DatabaseFiller {
  readonly found: Comparison = {
    ...{ tables: 0, rows: 0, largeObjects: 0, sequences: 0, differences: [] },
    views: { compared: 0, other: [], notCompared: [] },
  };
  readonly timings: Timings = { filling: 0, comparing: 0, analyzing: 0 };
  /** What the operator should know, one sentence each. */
  readonly notes: string[] = [];
  private checks!: DomainChecks;
  private session!: Client;
  private tables: OwnedTable[] | undefined;
  private readonly compared = new Set<string>();
  private runner!: PartRunner;

  constructor(
    private readonly filling: FillingDatabase,
    private readonly say: (progress: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<void> {
    const { login, database, trusted, entries, role } = this.filling;
    this.session = await login.connect(database, this.signal);
    this.checks = new DomainChecks(this.session, trusted);
    this.runner = new PartRunner(this.filling, this.session, this.say, this.signal);
    const isTrusted = (owner: string) => trusted.includes(owner);
    // Without other owners, one run of pg_restore does everything.
    const whole: Part = { stage: "load", owners: [], entries: [...entries], refersTo: [] };
    const parts = role ? partsOf(entries, isTrusted) : [whole];
    const at = (stage: Part["stage"]) => parts.filter((part) => part.stage === stage);
    for (const part of at("define")) await this.restore(part);
    for (const part of at("load")) await this.load(part);
    await this.compareRest();
    for (const part of at("finish")) await this.restore(part);
    await this.turnChecksOn();
    for (const part of [...at("grant"), ...at("refresh")]) await this.restore(part);
    await this.compareViews();
    if (this.filling.analyze) await this.analyze();
    // Before event triggers are there, which would see it.
    await role?.remove((other) => login.connect(other));
    for (const part of at("last")) await this.restore(part);
    await this.session.end();
  }

  private restore(part: Part): Promise<void> {
    return this.runner.as(part, (role) => this.pgRestore(part, role));
  }

  /** Loads rows, and compares them at once: nothing but their owner's sessions has seen them. */
  private async load(part: Part): Promise<void> {
    const { manifest, database } = this.filling;
    await this.runner.as(part, async (role) => {
      const login = this.runner.loginOf(part, role);
      const during = new ComparisonDuringRestore(login, database, manifest, this.signal);
      const onTable = (table: string) => during.tableLoaded(table);
      try {
        await this.pgRestore(part, role, onTable);
      } finally {
        await during.end();
      }
      await this.compare(part, role, during.equal);
    });
  }

  /** Compares what has no rows in the archive, such as the tables of an extension. */
  private async compareRest(): Promise<void> {
    const { manifest, login, onCompared } = this.filling;
    for (const owner of new Set((await this.allTables()).map((table) => table.owner))) {
      if (this.compared.has(owner)) continue;
      const part = { ...nothing, owners: owner === "" ? [] : [owner] };
      await this.runner.as(part, (role) => this.compare(part, role, new Map()));
    }
    this.found.differences.push(...missingTables(manifest, await this.allTables()));
    await this.timed("comparing", () =>
      compareLargeObjects(login, this.comparing(new Map()), this.found),
    );
    await compareSequences(this.session, manifest, this.found);
    onCompared(this.found);
  }

  /** Compares what the restore computed: the rows of materialized views. */
  private async compareViews(): Promise<void> {
    const { manifest, database } = this.filling;
    const views = manifest.materializedViews?.length ? await this.owned(["m"]) : [];
    for (const owner of new Set(views.map((view) => view.owner))) {
      const part: Part = { ...nothing, owners: owner === "" ? [] : [owner] };
      const own = views.filter((view) => view.owner === owner);
      await this.timed("comparing", () =>
        this.runner.as(part, (role) =>
          this.runner
            .loginOf(part, role)
            .during(database, this.signal, (session) =>
              compareViews(session, own, manifest, this.found),
            ),
        ),
      );
    }
    this.notes.push(...viewNotes(this.found));
  }

  private async compare(
    part: Part,
    role: RestoreRole | undefined,
    equal: Comparing["equal"],
  ): Promise<void> {
    const [owner = ""] = part.owners;
    this.compared.add(owner);
    const own = (await this.allTables()).filter((table) => table.owner === owner);
    this.say("comparing rows with the manifest");
    await this.timed("comparing", () =>
      compareTables(this.runner.loginOf(part, role), own, this.comparing(equal), this.found),
    );
  }

  private comparing(equal: Comparing["equal"]): Comparing {
    const { manifest, database } = this.filling;
    return { manifest, database, equal, say: this.say, signal: this.signal };
  }

  private async allTables(): Promise<OwnedTable[]> {
    return (this.tables ??= await this.owned(["r", "f"]));
  }

  /** Every relation of these kinds, with its owner. Empty: one whose code the superuser may run. */
  private async owned(kinds: readonly string[]): Promise<OwnedTable[]> {
    const { rows } = await this.session.query<{ oid: string; owner: string }>(
      "SELECT oid::text, pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relkind::text = ANY ($1)",
      [kinds],
    );
    const owners = new Map(rows.map(({ oid, owner }) => [oid, owner]));
    const { role, trusted } = this.filling;
    const ownerOf = ({ oid }: CatalogTable) => {
      const owner = owners.get(oid) ?? "";
      return !role || trusted.includes(owner) ? "" : owner;
    };
    const tables = await catalogTables(this.session, kinds);
    return tables.map((table) => ({ ...table, owner: ownerOf(table) }));
  }

  private async turnChecksOn(): Promise<void> {
    await this.checks.turnOff();
    for (const owner of this.checks.owners()) {
      const part: Part = { ...nothing, stage: "finish", owners: [owner] };
      await this.runner.as(part, async (role) => {
        const { login, database } = this.filling;
        const own = role ? asRole(role.login, owner) : login;
        await own.during(database, this.signal, (session) => this.checks.turnOn(session, owner));
      });
    }
  }

  /** Collects statistics, each owner's with its own rights: index expressions are evaluated. */
  private async analyze(): Promise<void> {
    const { database } = this.filling;
    const tables = await this.allTables();
    for (const owner of new Set(tables.map((table) => table.owner))) {
      const part: Part = { ...nothing, owners: owner === "" ? [] : [owner] };
      const own = tables.filter((table) => table.owner === owner && table.kind === "table");
      const names = own.map((table) => `${name(table.schema)}.${name(table.name)}`);
      if (names.length === 0) continue;
      try {
        await this.timed("analyzing", () =>
          this.runner.as(part, (role) =>
            this.runner
              .loginOf(part, role)
              .during(database, this.signal, (session) =>
                session.query(`ANALYZE ${names.join(", ")}`),
              ),
          ),
        );
      } catch (error) {
        this.signal.throwIfAborted();
        const why = sentenceOf(error);
        this.notes.push(`ANALYZE failed. The server will try it again by itself: ${why}`);
      }
    }
  }

  /** One run of pg_restore. */
  private async pgRestore(
    part: Part,
    role: RestoreRole | undefined,
    onTable: (name: string) => void = () => undefined,
  ): Promise<void> {
    if (!role && defines.has(part.stage)) await this.checks.turnOff();
    await this.timed("filling", () => this.runner.pgRestore(part, role, onTable));
  }

  private async timed<T>(what: keyof Timings, work: () => Promise<T>): Promise<T> {
    const begun = Date.now();
    try {
      return await work();
    } finally {
      this.timings[what] += (Date.now() - begun) / 1000;
    }
  }
}

type OwnedTable = CatalogTable & { owner: string };
/** The stages with statements whose literals PostgreSQL coerces, and with rows. */
const defines: ReadonlySet<Part["stage"]> = new Set(["define", "load", "finish"]);
const nothing: Part = { stage: "load", owners: [], entries: [], refersTo: [] };
