import type { ClientBase } from "pg";
import type { TableContent } from "../../../contract/manifest";
import { algorithmOf, type CatalogTable, catalogTables, contentOf } from "./contents";

/** Every materialized view that was filled, the largest first. */
export function filledViews(client: ClientBase): Promise<CatalogTable[]> {
  return catalogTables(client, ["m"]);
}

/**
 * The rows and the checksum of a materialized view. It has no checksum where a query could run something
 * that a user made: COPY, which runs nothing, cannot read a materialized view before PostgreSQL 18.
 */
export async function viewContent(
  client: ClientBase,
  view: CatalogTable,
  major: number,
): Promise<TableContent> {
  const algorithm = algorithmOf(major);
  if (view.builtInOnly) return contentOf(client, view, algorithm);
  return { schema: view.schema, name: view.name, rows: 0, checksum: null, algorithm };
}
