import type { Client } from "pg";
import type { Comparison } from "../../../contract/agentReplies";
import type { Manifest } from "../../../contract/manifest";
import { type CatalogTable, contentOf } from "../dump/contents";
import { nameOf } from "./comparisonDuringRestore";

/**
 * Compares the rows of materialized views with the manifest. A restore runs their queries again, so a
 * view may have other rows although nothing is wrong: its tables had changed since it was filled, or its
 * query depends on the time or on another server.
 *
 * @param session with the rights of the views' owner
 */
export async function compareViews(
  session: Client,
  views: readonly CatalogTable[],
  { materializedViews = [] }: Pick<Manifest, "materializedViews">,
  found: Comparison,
): Promise<void> {
  const expected = new Map(materializedViews.map((view) => [nameOf(view), view]));
  for (const view of views) {
    const dumped = expected.get(nameOf(view));
    if (!dumped) continue;
    const { name, algorithm, checksum, rows } = { ...dumped, name: nameOf(dumped) };
    if (checksum === null) {
      found.views.notCompared.push(name);
      continue;
    }
    const now = await contentOf(session, view, algorithm);
    found.views.compared++;
    if (now.rows !== rows) found.views.other.push(`${name} (${now.rows} rows instead of ${rows})`);
    else if (now.checksum !== checksum) found.views.other.push(name);
  }
}

/** One sentence on the views that are not there, not as they were, or not compared. */
export function viewNotes({ views }: Comparison): string[] {
  const notes: string[] = [];
  if (views.other.length > 0) {
    notes.push(
      `A restore runs the queries of materialized views again. These have other rows than when they were dumped: ${views.other.join(", ")}. ` +
        "Their tables had changed since the last refresh, or their queries depend on the time, on settings of a session or on other servers.",
    );
  }
  if (views.notCompared.length > 0) {
    notes.push(
      `These materialized views were not compared, because a sum of their rows could run code of their owners, or a row is too large for it: ${views.notCompared.join(", ")}.`,
    );
  }
  return notes;
}
