import type { Client } from "pg";
import { analyzeTables } from "./analyze";
import type { Comparing, Found } from "./compare";
import { ComparisonDuringRestore } from "./comparisonDuringRestore";
import { viewNotes } from "./compareViews";
import { publicSchemaStatements } from "./databaseSql";
import { DomainChecks } from "./domainChecks";
import { asRole, PartRunner, type RestoredDatabase } from "./partRunner";
import { type Part, partsOf, rightsOf } from "./parts";
import { RestoredRows } from "./restoredRows";
import type { RestoreRole } from "./restoreRole";
import type { MissingObjects } from "./missingObjects";
import { SecondTry } from "./secondTry";
import { elapsed } from "../kit/clock";

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
  readonly timings: Timings = { filling: 0, comparing: 0, analyzing: 0 };
  /** What the operator should know, one sentence each. */
  readonly notes: string[] = [];
  private checks!: DomainChecks;
  private session!: Client;
  private rows!: RestoredRows;
  private runner!: PartRunner;
  private second!: SecondTry;

  constructor(
    private readonly filling: FillingDatabase,
    private readonly missing: MissingObjects,
    private readonly say: (progress: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<Found> {
    const { login, database, trusted, entries, role } = this.filling;
    this.session = await login.connect(database, this.signal);
    this.checks = new DomainChecks(this.session, trusted);
    this.runner = new PartRunner(this.filling, this.session, this.say, this.signal);
    const { filling, session, runner, missing, checks, say, signal } = this;
    this.rows = new RestoredRows(filling, session, runner, missing, say, signal);
    this.second = new SecondTry(filling, runner, missing, checks, signal);
    // Without other owners, every part is the superuser's.
    const parts = partsOf(entries, (owner) => !role || trusted.includes(owner));
    const at = (stage: Part["stage"]) => parts.filter((part) => part.stage === stage);
    for (const part of at("define")) await this.restore(part);
    await this.second.run("define");
    for (const part of at("load")) await this.load(part);
    await this.timed("comparing", () => this.rows.compareRest());
    this.filling.onCompared(this.rows.found);
    for (const part of at("finish")) await this.restore(part);
    await this.second.run("finish");
    await this.turnChecksOn();
    for (const part of [...at("grant"), ...at("refresh")]) await this.restore(part);
    await this.second.run("grant", "refresh");
    await this.compareViews();
    const { manifest } = this.filling;
    const major = parseInt(manifest.source.version, 10);
    for (const statement of publicSchemaStatements(manifest.database, major)) {
      await this.session.query(statement);
    }
    if (this.filling.analyze) await this.analyze();
    // Before event triggers are there, which would see it.
    await role?.remove((other) => login.connect(other));
    for (const part of at("last")) await this.restore(part);
    await this.second.run("last");
    await this.session.end();
    return this.rows.found;
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
      // For a few rows, a second session takes longer than it saves.
      const onTable = (table: string) => void (this.runner.isLarge && during.tableLoaded(table));
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

  private compare(
    part: Part,
    role: RestoreRole | undefined,
    equal: Comparing["equal"],
  ): Promise<void> {
    return this.timed("comparing", () => this.rows.compare(part, role, equal));
  }

  /** Compares what the restore computed: the rows of materialized views. */
  private async compareViews(): Promise<void> {
    await this.timed("comparing", () => this.rows.compareViews());
    this.notes.push(...viewNotes(this.rows.found));
  }

  private async turnChecksOn(): Promise<void> {
    await this.checks.turnOff();
    for (const owner of this.checks.owners()) {
      const part: Part = { ...rightsOf(owner), stage: "finish" };
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

  private async analyze(): Promise<void> {
    const tables = await this.rows.allTables();
    const { database } = this.filling;
    const notes = await this.timed("analyzing", () =>
      analyzeTables(tables, this.runner, database, this.signal),
    );
    this.notes.push(...notes);
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
    const begun = elapsed();
    try {
      return await work();
    } finally {
      this.timings[what] += (elapsed() - begun) / 1000;
    }
  }
}

/** The stages with statements whose literals PostgreSQL coerces, and with rows. */
const defines: ReadonlySet<Part["stage"]> = new Set(["define", "load", "finish"]);
