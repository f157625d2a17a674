import { escapeIdentifier as name, escapeLiteral as literal } from "pg";
import { codeOf, Failure, sentenceOf, withStop } from "../kit/failure";
import type { Comparison } from "../../../contract/agentReplies";
import { oldDatabaseIs, unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import type { Found } from "./compare";
import {
  applyProperties,
  applySettings,
  createDatabase,
  labelStatement,
  lastSettings,
  settingOf,
} from "./databaseSql";
import { keepPublicSchema } from "./olderMajor";
import { DatabaseFiller, type FillingDatabase, type Timings } from "./fillDatabase";
import { MissingObjects } from "./missingObjects";
import { quoted } from "../../../contract/quoting";

/** A database that a restore makes. */
export interface Making extends Omit<FillingDatabase, "onCompared"> {
  id: string;
  /** The server's major, and that of the dump, which may be older. */
  major: number;
  dumpMajor: number;
  stack: string;
  keepDifferent: boolean;
  /** Where the database is. Absent: where the server's template is. */
  tablespace?: string;
  /** Called once the database exists and a failure has to remove it. */
  onCreated: () => void;
  /** Gives the empty database the name under which it is filled. */
  nameFirst?: { name: string; kept: string; take: () => Promise<void> };
  /** Called when it is filled, before anybody gets in. Returns the name that it has from now on. */
  onFilled: (missing: MissingObjects) => Promise<string>;
}

/** A new database, and how it compares with the manifest. */
export interface Made extends Comparison {
  timings: Timings;
  notes: string[];
  /** What could not be made, with the entries of the archive. */
  missing: MissingObjects;
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
  const { client, manifest, database, major, role, nameFirst } = making;
  say(`making the database ${quoted(database)}`);
  const labelled = making.entries.some(({ kind }) => kind === "SECURITY LABEL");
  await client.query(createDatabase(database, manifest.database, major, making.tablespace));
  making.onCreated();
  const old = nameFirst ? `${oldDatabaseIs}${nameFirst.kept}` : "";
  const comment = literal(`${unfinishedRestoreComment(making.stack)} ${making.id}${old}`);
  await client.query(`COMMENT ON DATABASE ${name(database)} IS ${comment}`);
  await client.query(`REVOKE CONNECT ON DATABASE ${name(database)} FROM PUBLIC`);
  if (role) await client.query(`GRANT CONNECT ON DATABASE ${name(database)} TO ${name(role.name)}`);
  const missing = new MissingObjects(making.entries);
  await run(making, missing, database, applySettings(database, manifest.database, labelled));
  await client.query(`ALTER DATABASE ${name(database)} ALLOW_CONNECTIONS true`);
  await nameFirst?.take();

  const onCompared = ({ unexplained }: Found) => {
    if (unexplained.length > 0 && !making.keepDifferent) throw differs(making.id, unexplained);
  };
  const filling = { ...making, onCompared, database: nameFirst?.name ?? database };
  await keepPublicSchema(filling, signal);
  const filler = new DatabaseFiller(filling, missing, say, signal);
  const { tables, rows, largeObjects, sequences, views, differences } = await filler.run();
  signal.throwIfAborted();
  const named = await making.onFilled(missing);
  await run(making, missing, named, lastSettings(named, manifest.database, labelled));
  await client.query(applyProperties(named, manifest.database).join("; "));
  const notes = [...filler.notes, ...(await applyLabels(making, named))];
  return {
    ...{ tables, rows, largeObjects, sequences, views, differences },
    ...{ timings: filler.timings, notes, missing },
  };
}

/** Runs statements. A setting that the server refuses is missing; all others must work. */
async function run(
  { client, manifest, strict }: Making,
  missing: MissingObjects,
  database: string,
  statements: readonly string[],
): Promise<void> {
  for (const statement of statements) {
    try {
      await client.query(statement);
    } catch (error) {
      const setting = settingOf(statement, database, manifest.database);
      if (strict || !setting) throw error;
      missing.refusedSetting(setting, statement, error);
    }
  }
}

/** Only a server that has loaded the provider accepts a label. */
async function applyLabels({ client, manifest }: Making, database: string): Promise<string[]> {
  const notes: string[] = [];
  for (const label of manifest.database.securityLabels ?? []) {
    await client.query(labelStatement(database, label)).catch((error: unknown) => {
      if (codeOf(error) === undefined) throw error;
      const why = withStop(sentenceOf(error));
      notes.push(
        `The database's security label of ${quoted(label.provider)} could not be set: ${why}`,
      );
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
