import { escapeIdentifier as name, escapeLiteral as literal } from "pg";
import { Failure } from "../kit/failure";
import type { Comparison } from "../../../contract/agentReplies";
import { unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import { applyProperties, createDatabase } from "./databaseSql";
import { keepPublicSchema } from "./olderMajor";
import { DatabaseFiller, type FillingDatabase, type Timings } from "./fillDatabase";

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
}

/** A new database, and how it compares with the manifest. */
export interface Made extends Comparison {
  timings: Timings;
  notes: string[];
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
  const { client, manifest, database, major, role } = making;
  say(`making the database "${database}"`);
  await client.query(createDatabase(database, manifest.database, major));
  making.onCreated();
  const comment = literal(`${unfinishedRestoreComment(making.stack)} ${making.id}`);
  await client.query(`COMMENT ON DATABASE ${name(database)} IS ${comment}`);
  await client.query(`REVOKE CONNECT ON DATABASE ${name(database)} FROM PUBLIC`);
  if (role) await client.query(`GRANT CONNECT ON DATABASE ${name(database)} TO ${name(role.name)}`);
  await client.query(`ALTER DATABASE ${name(database)} ALLOW_CONNECTIONS true`);

  const onCompared = ({ differences }: Comparison) => {
    if (differences.length > 0 && !making.keepDifferent) throw differs(making.id, differences);
  };
  await keepPublicSchema(making, signal);
  const filler = new DatabaseFiller({ ...making, onCompared }, say, signal);
  const found = await filler.run();
  signal.throwIfAborted();
  for (const statement of applyProperties(database, manifest.database)) {
    await client.query(statement);
  }
  return { ...found, timings: filler.timings, notes: filler.notes };
}

function differs(id: string, differences: readonly string[]): Failure {
  const more = differences.length - SHOWN_DIFFERENCES;
  const shown = differences.slice(0, SHOWN_DIFFERENCES).join(", ");
  return new Failure(
    `What was restored is not what the manifest of ${id} says: ${shown}${more > 0 ? `, and ${more} more` : ""}` +
      " (--keep-different keeps it under a new name all the same)",
  );
}
