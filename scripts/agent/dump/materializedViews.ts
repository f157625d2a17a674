import type { ClientBase } from "pg";
import type { TableContent } from "../../../contract/manifest";
import { algorithmFor, algorithmOf, type CatalogTable, catalogTables, contentOf } from "./contents";

/** The first major whose COPY reads a materialized view. */
export const COPIED_SINCE = 18;

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
  if (view.builtInOnly || major >= COPIED_SINCE) {
    return contentOf(client, view, algorithmFor(view, major));
  }
  return notSummed(view, major);
}

/** What the manifest says of a view that cannot be summed. */
export function notSummed({ schema, name }: CatalogTable, major: number): TableContent {
  return { schema, name, rows: 0, checksum: null, algorithm: algorithmOf(major) };
}
