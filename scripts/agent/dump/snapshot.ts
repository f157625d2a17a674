import { type Client, escapeLiteral } from "pg";
import { openSession } from "../kit/session";
import {
  algorithmFor,
  algorithmOf,
  type CatalogTable,
  contentOf,
  largeObjectsOf,
} from "./contents";
import { type FilledView, viewContent } from "./materializedViews";
import type { Context } from "../kit/context";
import type { Server } from "../../../contract/agentConfig";
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
 * The contents of a snapshot: rows and checksum of every table and materialized view, and of the large
 * objects. One session reads them: two would be a little faster, and on two cores leave none to the clients.
 */
export async function contentsOf(
  context: Context,
  server: Server,
  { tables, views, ...where }: Where & Relations,
): Promise<Contents> {
  const { major } = context.config;
  const found: TableContent[] = [];
  const client = await openSession(context, server, where);
  try {
    await client.query(READ_ONLY);
    await client.query(`SET TRANSACTION SNAPSHOT ${escapeLiteral(where.snapshot)}`);
    for (const table of tables) {
      found.push(await contentOf(client, table, algorithmFor(table, major)));
    }
    const materializedViews: TableContent[] = [];
    for (const view of views) materializedViews.push(await viewContent(client, view, major));
    const largeObjects = await largeObjectsOf(client, algorithmOf(major));
    return {
      tables: byName(found),
      materializedViews: byName(materializedViews),
      largeObjects,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What of a manifest is read in the snapshot. */
export type Contents = Pick<Manifest, "tables" | "largeObjects"> &
  Required<Pick<Manifest, "materializedViews">>;

interface Relations {
  tables: readonly CatalogTable[];
  views: readonly FilledView[];
}

function byName(tables: readonly TableContent[]): TableContent[] {
  const order = (table: TableContent) => JSON.stringify([table.schema, table.name]);
  return [...tables].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

interface Where {
  snapshot: string;
  database: string;
  application: string;
  signal: AbortSignal;
}
