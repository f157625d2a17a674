import { join } from "node:path";
import type { Client } from "pg";
import type { Restored } from "../../../contract/agentReplies";
import { quoted } from "../../../contract/quoting";
import type { Context } from "../kit/context";
import { sentenceOf, withStop } from "../kit/failure";
import type { FoundDump } from "./findDump";
import type { Login } from "./login";
import { markCopies } from "./markCopies";
import type { MissingObjects } from "./missingObjects";
import { keepSql } from "./missingSql";
import type { Plan } from "./plan";

/** A restore that has filled its database. */
interface Restoring {
  context: Context;
  dump: FoundDump;
  login: Login;
  signal: AbortSignal;
}

/** Keeps the SQL of what could not be made beside the dump. */
export async function keepMissing(
  { context, dump, login, signal }: Restoring,
  { fresh }: Plan,
  found: MissingObjects,
  at: Date,
): Promise<Pick<Restored, "missing" | "missingSql">> {
  const [objects, entries] = [found.objects(), found.entries()];
  if (objects.length === 0) return { missing: [] };
  const archive = join(dump.folder, dump.archive.name);
  const { statements } = found;
  const where = { archive, database: fresh, at, scratch: login.folder };
  const missing = { objects, entries, statements, ...where };
  // The folder of a dump that was sent does not stay.
  const own = dump.sent ? context.paths.backups : dump.folder;
  const folders = [own, context.paths.records];
  return { missing: objects, missingSql: await keepSql(missing, folders, signal) };
}

/** What the restore leaves beside another database is a copy, which dumps of all databases leave out. */
export async function notDumped(
  { context, dump }: Restoring,
  client: Client,
  { database, replaced, notReplaced }: Pick<Restored, "database" | "replaced" | "notReplaced">,
): Promise<string[]> {
  const of = notReplaced ?? dump.manifest.database.name;
  const copy = replaced ? { name: replaced.kept, of: database } : { name: database, of };
  if (copy.name === copy.of) return [];
  const all = context.config.dumps.databases === "*";
  try {
    await markCopies(client, context.config.role.name, [copy]);
    if (!all) return [];
    return [
      `${quoted(copy.name)} is left out of the dumps while there is ${quoted(copy.of)}: laterbase:dumps.databases can name it.`,
    ];
  } catch (error) {
    // The database is restored. That one dump more is taken does no harm.
    const why = withStop(sentenceOf(error));
    return [`${quoted(copy.name)} could not be marked as a copy, so "*" dumps it as well: ${why}`];
  }
}
