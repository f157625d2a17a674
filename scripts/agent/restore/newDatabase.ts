import { escapeIdentifier as name, escapeLiteral as literal } from "pg";
import { Failure } from "../kit/failure";
import type { Comparison } from "../../../contract/agentReplies";
import { oldDatabaseIs, unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import type { Found } from "./compare";
import { applyProperties, createDatabase } from "./databaseSql";
import { keepPublicSchema } from "./olderMajor";
import { DatabaseFiller, type FillingDatabase, type Timings } from "./fillDatabase";
import type { MissingObjects } from "./missingObjects";
import { quoted } from "../../../contract/quoting";

/** A database that a restore makes. */
export interface Making extends Omit<FillingDatabase, "onCompared"> {
  id: string;
  /** The server's major, and that of the dump, which may be older. */
  major: number;
  dumpMajor: number;
  stack: string;
  keepDifferent: boolean;
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
 * Restores a dump into a new database, compares it with the manifest, and sets its properties. Until
 * then the superuser owns it, and nobody else but the restore's role may connect: an owner could let
 * others in.
 */
export async function makeDatabase(
  making: Making,
  say: (progress: string) => void,
  signal: AbortSignal,
): Promise<Made> {
  const { client, manifest, database, major, role, nameFirst } = making;
  say(`making the database ${quoted(database)}`);
  await client.query(createDatabase(database, manifest.database, major));
  making.onCreated();
  const old = nameFirst ? `${oldDatabaseIs}${nameFirst.kept}` : "";
  const comment = literal(`${unfinishedRestoreComment(making.stack)} ${making.id}${old}`);
  await client.query(`COMMENT ON DATABASE ${name(database)} IS ${comment}`);
  await client.query(`REVOKE CONNECT ON DATABASE ${name(database)} FROM PUBLIC`);
  if (role) await client.query(`GRANT CONNECT ON DATABASE ${name(database)} TO ${name(role.name)}`);
  await client.query(`ALTER DATABASE ${name(database)} ALLOW_CONNECTIONS true`);
  await nameFirst?.take();

  const onCompared = ({ unexplained }: Found) => {
    if (unexplained.length > 0 && !making.keepDifferent) throw differs(making.id, unexplained);
  };
  const filling = { ...making, onCompared, database: nameFirst?.name ?? database };
  await keepPublicSchema(filling, signal);
  const filler = new DatabaseFiller(filling, say, signal);
  const { tables, rows, largeObjects, differences } = await filler.run();
  signal.throwIfAborted();
  const named = await making.onFilled(filler.missing);
  for (const statement of applyProperties(named, manifest.database)) {
    await client.query(statement);
  }
  return {
    ...{ tables, rows, largeObjects, differences, timings: filler.timings, notes: filler.notes },
    missing: filler.missing,
  };
}

function differs(id: string, differences: readonly string[]): Failure {
  const more = differences.length - SHOWN_DIFFERENCES;
  const shown = differences.slice(0, SHOWN_DIFFERENCES).join(", ");
  return new Failure(
    `What was restored is not what the manifest of ${id} says: ${shown}${more > 0 ? `, and ${more} more` : ""}` +
      " (--keep-different keeps it under a new name all the same)",
  );
}
