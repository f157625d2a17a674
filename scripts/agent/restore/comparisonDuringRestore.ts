import type { Client } from "pg";
import type { Manifest, TableContent } from "../../../contract/manifest";
import { type CatalogTable, catalogTables, contentOf } from "../dump/contents";
import type { Login } from "./login";

/** How a manifest and the catalog name the same table. */
export const nameOf = ({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`;

/**
 * Compares tables that pg_restore has finished while it works on others. They are still in memory
 * then. A table that it does not find equal is left to the comparison at the end.
 */
export class ComparisonDuringRestore {
  /** The tables that are as the manifest says, by their names. */
  readonly equal = new Map<string, TableContent>();
  private work: Promise<void> = Promise.resolve();
  private client: Client | undefined;
  private there: Map<string, CatalogTable> | undefined;
  private over = false;

  constructor(
    private readonly login: Pick<Login, "connect">,
    private readonly database: string,
    private readonly manifest: Pick<Manifest, "tables">,
    private readonly signal: AbortSignal,
  ) {}

  /** pg_restore has loaded the rows of a table of this name. It does not say in which schema. */
  tableLoaded(name: string): void {
    const [table, ...others] = this.manifest.tables.filter((one) => one.name === name);
    if (this.over || !table || others.length > 0 || table.checksum === null) return;
    this.work = this.work
      .then(() => (this.over ? undefined : this.sum(table)))
      // The comparison at the end finds the same fault and reports it.
      .catch(() => void (this.over = true));
  }

  /** Finishes the table that it works on, and no other. */
  async end(): Promise<void> {
    this.over = true;
    await this.work;
    await this.client?.end().catch(() => undefined);
  }

  private async sum(expected: TableContent): Promise<void> {
    const client = (this.client ??= await this.open());
    this.there ??= new Map((await catalogTables(client)).map((table) => [nameOf(table), table]));
    const table = this.there.get(nameOf(expected));
    // The dump may hold rows of a partition under another one (--load-via-partition-root).
    if (!table || table.partition) return;
    const content = await contentOf(client, table, expected.algorithm);
    if (content.rows !== expected.rows || content.checksum !== expected.checksum) return;
    this.equal.set(nameOf(table), content);
  }

  private async open(): Promise<Client> {
    const client = await this.login.connect(this.database, this.signal);
    // pg_restore's own sessions need the other cores.
    await client.query("SET max_parallel_workers_per_gather = 0");
    return client;
  }
}
