import type { Client } from "pg";
import { algorithmFor, algorithmOf, contentOf, largeObjectsOf } from "./contents";
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
 * The contents of a snapshot: rows and checksum of every table, and of the large objects. The session that
 * exported it reads them: two would be a little faster, and on two cores leave none to the clients.
 *
 * Planning a query locks every index of its table until the transaction ends. So each table is read in a
 * subtransaction that is rolled back.
 */
export async function contentsOf(
  client: Client,
  locks: Pick<TableLocks, "tables" | "before">,
  major: number,
): Promise<Pick<Manifest, "tables" | "largeObjects">> {
  const found: TableContent[] = [];
  for (const table of locks.tables) {
    await locks.before(table);
    // What it locks has to last, so this comes after it and before the table's own locks.
    await client.query("SAVEPOINT one");
    found.push(await contentOf(client, table, algorithmFor(table, major)));
    await client.query("ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one");
  }
  const largeObjects = await largeObjectsOf(client, algorithmOf(major));
  const order = (table: TableContent) => JSON.stringify([table.schema, table.name]);
  return { tables: found.sort((a, b) => (order(a) < order(b) ? -1 : 1)), largeObjects };
}
