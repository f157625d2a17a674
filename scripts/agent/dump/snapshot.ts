import type { Client, QueryResult } from "pg";
import {
  algorithmFor,
  algorithmOf,
  type CatalogTable,
  contentOf,
  copyAlgorithm,
  copyOf,
  largeObjectsOf,
  type ServerAlgorithm,
  sumStatement,
} from "./contents";
import { copiedInOneRequest } from "./copiedRows";
import { notSummed, viewContent } from "./materializedViews";
import { codeOf } from "../kit/failure";
import { smallTables } from "./smallTables";
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
  const small = await smallTables(client, locks.tables);
  for (const batch of batchesOf(locks.tables, small, major)) {
    const [first] = batch.tables;
    await locks.before(first!);
    tables.push(...(await sumsOf(client, batch)));
    // pg_dump and its locks may have ended meanwhile.
    await locks.before(first!);
  }
  const materializedViews: TableContent[] = [];
  for (const view of views) {
    await inSubtransaction(client, async () => {
      const content = viewContent(client, view, major).catch((error: unknown) => {
        if (!isTooLarge(error)) throw error;
        return notSummed(view, major);
      });
      materializedViews.push(await content);
    });
  }
  const largeObjects = await largeObjectsOf(client, algorithmOf(major));
  return { tables: byName(tables), materializedViews: byName(materializedViews), largeObjects };
}

/** Tables that are summed in the same way. A round trip for each costs more than summing a small one. */
interface Batch {
  tables: CatalogTable[];
  algorithm: TableContent["algorithm"];
  small: boolean;
}

const BATCH = 50;

function batchesOf(
  tables: readonly CatalogTable[],
  smallOnes: ReadonlySet<string>,
  major: number,
): Batch[] {
  const batches: Batch[] = [];
  for (const table of tables) {
    const algorithm = algorithmFor(table, major);
    const small = smallOnes.has(table.oid) && algorithm === copyAlgorithm(table);
    const last = batches.at(-1);
    const alike = last?.algorithm === algorithm && last.small === small;
    if (alike && last.tables.length < BATCH) last.tables.push(table);
    else batches.push({ tables: [table], algorithm, small });
  }
  return batches;
}

async function sumsOf(
  client: Client,
  { tables, algorithm, small }: Batch,
): Promise<TableContent[]> {
  if (algorithm === "record" || algorithm === "text") {
    try {
      return await sumsInServer(client, tables, algorithm);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      await client.query("ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one");
    }
  }
  if (small) return copiedSums(client, tables);
  const found: TableContent[] = [];
  await inSubtransaction(client, async () => {
    for (const table of tables) {
      found.push(await contentOf(client, table, copyAlgorithm(table)));
      await client.query("ROLLBACK TO SAVEPOINT one");
    }
  });
  return found;
}

/** Small tables, whose COPY statements all go to the server at once. */
async function copiedSums(
  client: Client,
  tables: readonly CatalogTable[],
): Promise<TableContent[]> {
  const copies = tables.map(
    (table) => `${copyOf(table, copyAlgorithm(table))}; ROLLBACK TO SAVEPOINT one; `,
  );
  const sums = await copiedInOneRequest(
    client,
    `SAVEPOINT one; ${copies.join("")}RELEASE SAVEPOINT one`,
  );
  return tables.map((table, n) => {
    const sum = sums[n];
    if (!sum) throw new Error("the server did not print every table");
    return { schema: table.schema, name: table.name, ...sum, algorithm: copyAlgorithm(table) };
  });
}

/** SQLSTATEs of a value that would have more than a gigabyte: program_limit_exceeded, internal_error. */
const TOO_LARGE = ["54000", "XX000"];

/**
 * Whether a row is too large to be hashed in one piece: its text may be twice as long as what COPY prints, which
 * pg_dump reads as well. COPY says it again where something else was wrong.
 */
function isTooLarge(error: unknown): boolean {
  return TOO_LARGE.includes(codeOf(error) ?? "");
}

/** The statements of all tables go to the server at once. */
async function sumsInServer(
  client: Client,
  tables: readonly CatalogTable[],
  algorithm: ServerAlgorithm,
): Promise<TableContent[]> {
  const sums = tables.map(
    (table) => `${sumStatement(table, algorithm)}; ROLLBACK TO SAVEPOINT one; `,
  );
  const answer: unknown = await client.query(
    `SAVEPOINT one; ${sums.join("")}RELEASE SAVEPOINT one`,
  );
  const rows = (answer as QueryResult<Sum>[]).flatMap((one) => one.rows);
  return tables.map(({ schema, name }, n) => {
    const row = rows[n];
    if (!row) throw new Error("the server did not sum every table");
    return { schema, name, rows: Number(row.rows), checksum: row.checksum, algorithm };
  });
}

interface Sum {
  rows: string;
  checksum: string;
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
