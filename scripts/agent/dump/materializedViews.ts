import type { ClientBase } from "pg";
import type { TableContent } from "../../../contract/manifest";
import { algorithmOf, type CatalogTable, catalogTables, contentOf } from "./contents";

/** A materialized view that was filled. */
export interface FilledView extends CatalogTable {
  /** Whether a query on it can be planned without code of its owner. */
  plain: boolean;
}

/**
 * Planning a query computes what is constant in the expressions of a relation's indexes and statistics.
 * Everything else about a materialized view is its rows.
 */
const PLAIN = `
SELECT c.oid::text FROM pg_catalog.pg_class c
 WHERE c.relkind = 'm' AND c.relispopulated
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i
     WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL))
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = c.oid)`;

/** Every materialized view that was filled, the largest first. */
export async function filledViews(client: ClientBase): Promise<FilledView[]> {
  const views = await catalogTables(client, ["m"]);
  if (views.length === 0) return [];
  const { rows } = await client.query<{ oid: string }>(PLAIN);
  const plain = new Set(rows.map(({ oid }) => oid));
  return views.map((view) => ({ ...view, plain: plain.has(view.oid) }));
}

/**
 * The rows and the checksum of a materialized view. Without a checksum where the server would run code
 * of the view's owner: COPY cannot read a materialized view before PostgreSQL 18.
 */
export async function viewContent(
  client: ClientBase,
  view: FilledView,
  major: number,
): Promise<TableContent> {
  const algorithm = algorithmOf(major);
  if (view.plain || view.ofSuperuser) return contentOf(client, view, algorithm);
  return { schema: view.schema, name: view.name, rows: 0, checksum: null, algorithm };
}
