import { type Client, escapeIdentifier as name } from "pg";
import { type CatalogTable, catalogTables } from "../dump/contents";
import { sentenceOf } from "../kit/failure";
import {
  type Comparing,
  compareLargeObjects,
  compareNames,
  compareTables,
  type Found,
} from "./compare";
import { ComparisonDuringRestore } from "./comparisonDuringRestore";
import { DomainChecks } from "./domainChecks";
import { asRole, PartRunner, type RestoredDatabase } from "./partRunner";
import { type Part, partsOf } from "./parts";
import type { RestoreRole } from "./restoreRole";
import { MissingObjects } from "./missingObjects";
import { SecondTry } from "./secondTry";

/** A database that is filled, and compared. */
export interface FillingDatabase extends RestoredDatabase {
  /** Whether clients use it at once. Otherwise autovacuum collects the statistics in time. */
  analyze: boolean;
  /** Called once the rows are compared. It throws when they must not differ. */
  onCompared: (found: Found) => void;
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
  readonly found: Found = {
    ...{ tables: 0, rows: 0, largeObjects: 0, differences: [], unexplained: [] },
  };
  readonly timings: Timings = { filling: 0, comparing: 0, analyzing: 0 };
  /** What the operator should know, one sentence each. */
  readonly notes: string[] = [];
  private checks!: DomainChecks;
  private session!: Client;
  private tables: OwnedTable[] | undefined;
  /** What could not be made. */
  readonly missing: MissingObjects;
  private readonly compared = new Set<string>();
  private runner!: PartRunner;
  private second!: SecondTry;

  constructor(
    private readonly filling: FillingDatabase,
    private readonly say: (progress: string) => void,
    private readonly signal: AbortSignal,
  ) {
    this.missing = new MissingObjects(filling.entries);
  }

  async run(): Promise<void> {
    const { login, database, trusted, entries, role } = this.filling;
    this.session = await login.connect(database, this.signal);
    this.checks = new DomainChecks(this.session, trusted);
    this.runner = new PartRunner(this.filling, this.session, this.say, this.signal);
    const { filling, runner, missing, checks, signal } = this;
    this.second = new SecondTry(filling, runner, missing, checks, signal);
    // Without other owners, every part is the superuser's.
    const parts = partsOf(entries, (owner) => !role || trusted.includes(owner));
    const at = (stage: Part["stage"]) => parts.filter((part) => part.stage === stage);
    for (const part of at("define")) await this.restore(part);
    await this.second.run("define");
    for (const part of at("load")) await this.load(part);
    await this.compareRest();
    for (const part of at("finish")) await this.restore(part);
    await this.second.run("finish");
    await this.turnChecksOn();
    for (const part of [...at("grant"), ...at("refresh")]) await this.restore(part);
    await this.second.run("grant", "refresh");
    if (this.filling.analyze) await this.analyze();
    // Before event triggers are there, which would see it.
    await role?.remove((other) => login.connect(other));
    for (const part of at("last")) await this.restore(part);
    await this.second.run("last");
    await this.session.end();
  }

  private restore(part: Part): Promise<void> {
    return this.runner.as(part, (role) => this.pgRestore(part, role));
  }

  /** Loads rows, and compares them at once: nothing but their owner's sessions has seen them. */
  private async load(part: Part): Promise<void> {
    const { manifest, database } = this.filling;
    let equal: Comparing["equal"] = new Map();
    await this.runner.as(part, async (role) => {
      const login = this.runner.loginOf(part, role);
      const during = new ComparisonDuringRestore(login, database, manifest, this.signal);
      const onTable = (table: string) => during.tableLoaded(table);
      try {
        await this.pgRestore(part, role, onTable);
      } finally {
        await during.end();
      }
      equal = during.equal;
      if (!this.missing.lacks(part.entries)) await this.compare(part, role, equal);
    });
    if (!this.missing.lacks(part.entries)) return;
    await this.second.run("load");
    await this.runner.as(part, (role) => this.compare(part, role, equal));
  }

  /** Compares what has no rows in the archive, such as the tables of an extension. */
  private async compareRest(): Promise<void> {
    const { login, onCompared } = this.filling;
    for (const owner of new Set((await this.allTables()).map((table) => table.owner))) {
      if (this.compared.has(owner)) continue;
      const part = { ...nothing, owners: owner === "" ? [] : [owner] };
      await this.runner.as(part, (role) => this.compare(part, role, new Map()));
    }
    compareNames(await this.allTables(), this.comparing(new Map()), this.found);
    await this.timed("comparing", () =>
      compareLargeObjects(login, this.comparing(new Map()), this.found),
    );
    onCompared(this.found);
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
    const excused = this.missing.excused(manifest.tables);
    return { manifest, database, equal, excused, say: this.say, signal: this.signal };
  }

  /** Every table, with its owner. Empty: one whose code the superuser may run. */
  private async allTables(): Promise<OwnedTable[]> {
    if (this.tables) return this.tables;
    const { rows } = await this.session.query<{ oid: string; owner: string }>(
      "SELECT oid::text, pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relkind IN ('r', 'f')",
    );
    const owners = new Map(rows.map(({ oid, owner }) => [oid, owner]));
    const { role, trusted } = this.filling;
    const ownerOf = ({ oid }: CatalogTable) => {
      const owner = owners.get(oid) ?? "";
      return !role || trusted.includes(owner) ? "" : owner;
    };
    const tables = await catalogTables(this.session);
    this.tables = tables.map((table) => ({ ...table, owner: ownerOf(table) }));
    return this.tables;
  }

  private async turnChecksOn(): Promise<void> {
    await this.checks.turnOff();
    for (const owner of this.checks.owners()) {
      const part: Part = { ...nothing, stage: "finish", owners: [owner] };
      await this.runner.as(part, async (role) => {
        const { login, database } = this.filling;
        const own = role ? asRole(role.login, owner) : login;
        await own.during(database, this.signal, async (session) => {
          await this.second.usePath(session, owner);
          await this.checks.turnOn(session, owner, (check, error) => {
            this.signal.throwIfAborted();
            if (this.filling.strict) throw error;
            this.missing.refusedCheck(check, error);
          });
        });
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
    this.missing.note(
      await this.timed("filling", () => this.runner.pgRestore(part, role, onTable)),
    );
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
