import { type Client, escapeIdentifier as name } from "pg";
import type { Manifest } from "../../../contract/manifest";
import { sequencesAhead } from "./compareSequences";

/**
 * What is right about a restored database and may still surprise, one sentence each.
 *
 * @param database its present name
 * @param final the name that it will have
 */
export async function restoredNotes(
  client: Client,
  { database, final, manifest }: { database: string; final: string; manifest: Manifest },
): Promise<string[]> {
  const { isTemplate = false, collationVersion = null } = manifest.database;
  const notes = sequencesAhead(manifest);
  if (isTemplate) {
    notes.push(
      `The database is a template, as the dumped one is: ALTER DATABASE ${name(final)} IS_TEMPLATE false must come before DROP DATABASE.`,
    );
  }
  if (collationVersion === null) return notes;
  const { rows } = await client.query<{ version: string | null }>(
    "SELECT datcollversion AS version FROM pg_catalog.pg_database WHERE datname = $1",
    [database],
  );
  const version = rows[0]?.version ?? "unknown";
  if (version !== collationVersion) {
    notes.push(
      `Text was sorted by version ${collationVersion} of its library, and is sorted by version ${version} now: the order of rows may be another one. The indexes were built anew.`,
    );
  }
  return notes;
}
