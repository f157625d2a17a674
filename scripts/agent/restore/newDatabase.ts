import { escapeIdentifier as name, escapeLiteral as literal } from "pg";
import { codeOf, Failure, sentenceOf, withStop } from "../kit/failure";
import type { Comparison } from "../../../contract/agentReplies";
import { unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import { applyProperties, applySettings, createDatabase, labelStatement } from "./databaseSql";
import { DatabaseFiller, type FillingDatabase, type Timings } from "./fillDatabase";

/** A database that a restore makes. */
export interface Making extends Omit<FillingDatabase, "onCompared"> {
  id: string;
  major: number;
  stack: string;
  keepDifferent: boolean;
  /** Where the database is. Absent: where the server's template is. */
  tablespace?: string;
  /** Called once the database exists and a failure has to remove it. */
  onCreated: () => void;
}

/** A new database, and how it compares with the manifest. */
export interface Made extends Comparison {
  timings: Timings;
  notes: string[];
}

const SHOWN_DIFFERENCES = 3;

/**
 * Restores a dump into a new database and compares it with the manifest. What its rows may depend on is
 * set before they come, and its owner and rights after them: until then the superuser owns it, and
 * nobody else but the restore's role may connect, because an owner could let others in.
 */
export async function makeDatabase(
  making: Making,
  say: (progress: string) => void,
  signal: AbortSignal,
): Promise<Made> {
  const { client, manifest, database, major, role } = making;
  say(`making the database "${database}"`);
  const labelled = making.entries.some(({ kind }) => kind === "SECURITY LABEL");
  await client.query(createDatabase(database, manifest.database, major, making.tablespace));
  making.onCreated();
  const comment = literal(`${unfinishedRestoreComment(making.stack)} ${making.id}`);
  await client.query(`COMMENT ON DATABASE ${name(database)} IS ${comment}`);
  await client.query(`REVOKE CONNECT ON DATABASE ${name(database)} FROM PUBLIC`);
  if (role) await client.query(`GRANT CONNECT ON DATABASE ${name(database)} TO ${name(role.name)}`);
  for (const statement of applySettings(database, manifest.database, labelled)) {
    await client.query(statement);
  }
  await client.query(`ALTER DATABASE ${name(database)} ALLOW_CONNECTIONS true`);

  const onCompared = ({ differences }: Comparison) => {
    if (differences.length > 0 && !making.keepDifferent) throw differs(making.id, differences);
  };
  const filler = new DatabaseFiller({ ...making, onCompared }, say, signal);
  const found = await filler.run();
  signal.throwIfAborted();
  for (const statement of applyProperties(database, manifest.database, labelled)) {
    await client.query(statement);
  }
  const notes = [...filler.notes, ...(await applyLabels(making))];
  return { ...found, timings: filler.timings, notes };
}

/** Only a server that has loaded the provider accepts a label. */
async function applyLabels({ client, database, manifest }: Making): Promise<string[]> {
  const notes: string[] = [];
  for (const label of manifest.database.securityLabels ?? []) {
    await client.query(labelStatement(database, label)).catch((error: unknown) => {
      if (codeOf(error) === undefined) throw error;
      const why = withStop(sentenceOf(error));
      notes.push(`The database's security label of "${label.provider}" could not be set: ${why}`);
    });
  }
  return notes;
}

function differs(id: string, differences: readonly string[]): Failure {
  const more = differences.length - SHOWN_DIFFERENCES;
  const shown = differences.slice(0, SHOWN_DIFFERENCES).join(", ");
  return new Failure(
    `What was restored is not what the manifest of ${id} says: ${shown}${more > 0 ? `, and ${more} more` : ""}` +
      " (--keep-different keeps it under a new name all the same)",
  );
}
