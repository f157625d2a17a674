import { type Client, escapeIdentifier as name } from "pg";
import type { Restored } from "../../../contract/agentReplies";
import type { Manifest } from "../../../contract/manifest";
import type { Entry } from "../dump/toc";
import { quoted } from "../../../contract/quoting";
import { sentenceOf, withStop } from "../kit/failure";
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

/** What a restored subscription may break, and how its database can be dropped all the same. */
export function subscriptionNotes(entries: readonly Pick<Entry, "kind" | "name">[]): string[] {
  const names = entries.filter(({ kind }) => kind === "SUBSCRIPTION").map((one) => name(one.name));
  if (names.length === 0) return [];
  return [
    `What it subscribes to is disabled, and names the slots of the dumped database at the publisher: ${names.join(", ")}. ` +
      "ALTER SUBSCRIPTION … SET (slot_name = NONE) must come before DROP SUBSCRIPTION, which would drop such a slot, " +
      "and both before DROP DATABASE.",
  ];
}

/** A restore that has put its database in its place. */
interface Done {
  manifest: Manifest;
  database: string;
  /** The database that had the name before. */
  kept?: string | undefined;
}

/**
 * The same, and which of the databases are templates. The databases have their names by now and nothing is undone
 * any more, so what cannot be asked is a note and no failure.
 */
export async function lookAtRestored(
  client: Client,
  { manifest, database, kept = database }: Done,
): Promise<Pick<Restored, "notes" | "templates">> {
  try {
    const notes = await restoredNotes(client, { database, final: database, manifest });
    const { rows } = await client.query<{ template: string }>(
      "SELECT datname AS template FROM pg_catalog.pg_database WHERE datistemplate AND datname = ANY ($1)",
      [[database, kept]],
    );
    const templates = rows.map(({ template }) => template);
    return { notes, ...(templates.length > 0 ? { templates } : {}) };
  } catch (error) {
    const why = withStop(sentenceOf(error));
    return { notes: [`${quoted(database)} could not be looked at any more: ${why}`] };
  }
}
