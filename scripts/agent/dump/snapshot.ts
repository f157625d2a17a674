import type { Client } from "pg";
import {
  algorithmFor,
  algorithmOf,
  type CatalogTable,
  contentOf,
  largeObjectsOf,
} from "./contents";
import { viewContent } from "./materializedViews";
import type { TableLocks } from "./tableLocks";
import type { Manifest, TableContent } from "../../../contract/manifest";

const READ_ONLY = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/** Begins a transaction and exports its snapshot. Others can use it while the transaction is open. */
export async function exportSnapshot(client: Client): Promise<string> {
  await client.query(READ_ONLY);
  const { rows } = await client.query<{ id: string }>(
    "SELECT pg_catalog.pg_export_snapshot() AS id",
  );
  return rows[0]?.id ?? "";
}

/**
/** What of a manifest is read in the snapshot. */
export type Contents = Pick<Manifest, "tables" | "largeObjects"> &
  Required<Pick<Manifest, "materializedViews">>;

/**
 * The contents of a snapshot: rows and checksum of every table and materialized view, and of the large
 * objects. The session that exported it reads them: two would be a little faster, and on two cores leave none
 * to the clients.
 *
 * Planning a query locks every index of its table until the transaction ends. So each table is read in a
 * subtransaction that is rolled back.
 */
export async function contentsOf(
  client: Client,
  locks: Pick<TableLocks, "tables" | "before">,
  views: readonly CatalogTable[],
  major: number,
): Promise<Contents> {
  const tables: TableContent[] = [];
  for (const table of locks.tables) {
    await locks.before(table);
    // What it locks has to last, so this comes after it and before the table's own locks.
    await inSubtransaction(client, async () => {
      tables.push(await contentOf(client, table, algorithmFor(table, major)));
    });
  }
  const materializedViews: TableContent[] = [];
  for (const view of views) {
    await inSubtransaction(client, async () => {
      materializedViews.push(await viewContent(client, view, major));
    });
  }
  const largeObjects = await largeObjectsOf(client, algorithmOf(major));
  return { tables: byName(tables), materializedViews: byName(materializedViews), largeObjects };
}

async function inSubtransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query("SAVEPOINT one");
  await work();
  await client.query("ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one");
}

function byName(tables: readonly TableContent[]): TableContent[] {
  const order = (table: TableContent) => JSON.stringify([table.schema, table.name]);
  return [...tables].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
