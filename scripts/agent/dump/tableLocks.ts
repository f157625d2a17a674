import { setTimeout as sleep } from "node:timers/promises";
import { type Client, escapeIdentifier } from "pg";
import { Failure } from "../kit/failure";
import type { CatalogTable } from "./contents";

/** So many of the largest tables are locked by the session that sums, from the beginning to the end. */
const LOCKED = 64;
const EVERY_MS = 100;

/**
 * Keeps everybody from emptying or rewriting a table between its dump and its checksum. A snapshot alone
 * does not keep the rows that TRUNCATE or a rewriting ALTER TABLE throws away.
 *
 * A second lock on each table would take as much of the server's memory for locks as those of pg_dump. So
 * pg_dump's locks serve for most tables, which are summed first, while it works. The largest, which take
 * long, are locked here as well, because pg_dump may end before they are summed.
 */
export class TableLocks {
  /** In the order in which they are to be summed. */
  readonly tables: readonly CatalogTable[];
  private readonly few: readonly CatalogTable[];
  private readonly many: readonly CatalogTable[];
  private files = new Map<string, string | null>();
  private dumpEnded = false;
  private tookOver = false;

  /**
   * @param session the one that sums, in the snapshot's transaction
   * @param tables the largest first
   * @param application the name of the run's sessions
   */
  constructor(
    private readonly session: Client,
    tables: readonly CatalogTable[],
    private readonly application: string,
  ) {
    this.few = tables.slice(0, LOCKED);
    this.many = tables.slice(LOCKED);
    this.tables = [...this.many, ...this.few];
  }

  /** Locks the largest tables, before pg_dump begins. */
  async lockLargest(): Promise<void> {
    await this.lock(this.few);
    this.files = await this.filesOf(this.many);
  }

  /** Waits until pg_dump has all of its locks, or has ended. */
  async awaitDump(dump: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const end = () => void (this.dumpEnded = true);
    dump.then(end, end);
    if (this.many.length === 0) return;
    // Not retry: waiting is no failure.
    while (!this.dumpEnded && (await this.lockedByDump()) < this.many.length) {
      await sleep(EVERY_MS, undefined, { signal });
    }
    if (this.dumpEnded) return;
    await this.stillThere(this.many);
    this.files = await this.filesOf(this.many);
  }

  /** Comes before and after tables are summed, with the first of them. When pg_dump has ended, it locks what is left. */
  async before(table: CatalogTable): Promise<void> {
    if (!this.dumpEnded || this.tookOver) return;
    this.tookOver = true;
    const at = this.many.indexOf(table);
    if (at < 0) return;
    const left = this.many.slice(at);
    await this.lock(left);
    await this.stillThere(left);
    const now = await this.filesOf(left);
    const changed = left.find(({ oid }) => now.get(oid) !== this.files.get(oid));
    if (changed) throw again(quotedName(changed), "was emptied or rewritten while it was dumped");
  }

  private async lock(tables: readonly CatalogTable[]): Promise<void> {
    if (tables.length === 0) return;
    const names = tables.map(quotedName);
    await this.session.query(`LOCK TABLE ONLY ${names.join(", ONLY ")} IN ACCESS SHARE MODE`);
    if (tables === this.few) await this.stillThere(tables);
  }

  private async lockedByDump(): Promise<number> {
    // Otherwise a transaction sees the sessions that were there at its first look.
    await this.session.query("SELECT pg_catalog.pg_stat_clear_snapshot()");
    const { rows } = await this.session.query<{ locked: number }>(
      `SELECT pg_catalog.count(DISTINCT l.relation)::int AS locked
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
         JOIN pg_catalog.unnest($2::oid[]) AS wanted (oid) ON wanted.oid = l.relation
        WHERE l.granted AND a.application_name = $1 AND pid <> pg_catalog.pg_backend_pid()
          AND l.database = (SELECT oid FROM pg_catalog.pg_database
                             WHERE datname = pg_catalog.current_database())`,
      [this.application, this.many.map(({ oid }) => oid)],
    );
    return rows[0]?.locked ?? 0;
  }

  /** The files of tables, by OID. TRUNCATE and a rewriting ALTER TABLE give a table another one. */
  private async filesOf(tables: readonly CatalogTable[]): Promise<Map<string, string | null>> {
    const { rows } = await this.session.query<{ oid: string; file: string | null }>(
      `SELECT oid::text, pg_catalog.pg_relation_filenode(oid)::text AS file
         FROM pg_catalog.unnest($1::oid[]) AS wanted (oid)`,
      [tables.map(({ oid }) => oid)],
    );
    return new Map(rows.map(({ oid, file }) => [oid, file]));
  }

  /**
   * Refuses a table that was dropped and made again by another role between the look at the catalog and the
   * lock: it would be read as if it were a superuser's. Names are looked up in the present catalog.
   */
  private async stillThere(tables: readonly CatalogTable[]): Promise<void> {
    const { rows } = await this.session.query<{ name: string }>(
      `SELECT t.name FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::oid[])) AS t (name, id)
        WHERE pg_catalog.to_regclass(t.name)::oid IS DISTINCT FROM t.id LIMIT 1`,
      [tables.map(quotedName), tables.map(({ oid }) => oid)],
    );
    const [changed] = rows;
    if (changed) throw again(changed.name, "was made again while its dump began");
  }
}

function again(table: string, what: string): Failure {
  return new Failure(`The table ${table} ${what}: dump it again.`);
}

const quotedName = ({ schema, name }: CatalogTable) =>
  `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
