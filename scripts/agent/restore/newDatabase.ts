import { type Client, escapeIdentifier as name, escapeLiteral as literal } from "pg";
import { Failure, sentenceOf } from "../kit/failure";
import { fill } from "./archive";
import type { Comparison } from "../../../contract/agentReplies";
import { compare } from "./compare";
import { ComparisonDuringRestore } from "./comparisonDuringRestore";
import type { Login } from "./login";
import { unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import { fastSettings } from "./server";
import { applyProperties, createDatabase } from "./databaseSql";
import type { Manifest } from "../../../contract/manifest";

/** A database that a restore makes. */
export interface Making {
  login: Login;
  client: Client;
  id: string;
  manifest: Manifest;
  /** pg_dump's archive, and how many entries it lists. */
  file: string;
  entries: number;
  major: number;
  stack: string;
  /** The new database's name. */
  database: string;
  keepDifferent: boolean;
  withoutTablespaces: boolean;
  /** Whether clients use it at once. Otherwise autovacuum collects the statistics in time. */
  analyze: boolean;
  /** Called once the database exists and a failure has to remove it. */
  onCreated: () => void;
}

/** A new database, and how it compares with the manifest. */
export interface Made extends Comparison {
  timings: { filling: number; comparing: number; analyzing: number };
  notes: string[];
}

const SHOWN_DIFFERENCES = 3;

/** Restores a dump into a new database, compares it with the manifest, and sets its properties. */
export async function makeDatabase(
  making: Making,
  say: (progress: string) => void,
  signal: AbortSignal,
): Promise<Made> {
  const { login, client, manifest, database, major } = making;
  say(`making the database "${database}"`);
  await client.query(createDatabase(database, manifest.database, major));
  making.onCreated();
  const comment = literal(`${unfinishedRestoreComment(making.stack)} ${making.id}`);
  await client.query(`COMMENT ON DATABASE ${name(database)} IS ${comment}`);

  const settings = await fastSettings(client);
  const during = new ComparisonDuringRestore(login, database, manifest, signal);
  const onTable = (table: string) => during.tableLoaded(table);
  const filling = await timed(async () => {
    try {
      return await fill(login, { ...making, settings, onTable }, say, signal);
    } finally {
      await during.end();
    }
  });
  say("comparing rows and large objects with the manifest");
  const comparing = await timed(() =>
    compare(login, database, manifest, during.equal, say, signal),
  );
  const { differences } = comparing.result;
  if (differences.length > 0 && !making.keepDifferent) throw differs(making.id, differences);

  const notes: string[] = [];
  const analyzing = await timed(async () => {
    if (making.analyze) notes.push(...(await analyze(login, database, signal)));
  });
  signal.throwIfAborted();
  for (const statement of applyProperties(database, manifest.database)) {
    await client.query(statement);
  }
  return {
    ...comparing.result,
    timings: {
      filling: filling.seconds,
      comparing: comparing.seconds,
      analyzing: analyzing.seconds,
    },
    notes,
  };
}

async function analyze(login: Login, database: string, signal: AbortSignal): Promise<string[]> {
  try {
    await login.during(database, signal, (session) => session.query("ANALYZE"));
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return [`ANALYZE failed. The server will try it again by itself: ${sentenceOf(error)}`];
  }
}

function differs(id: string, differences: readonly string[]): Failure {
  const more = differences.length - SHOWN_DIFFERENCES;
  const shown = differences.slice(0, SHOWN_DIFFERENCES).join(", ");
  return new Failure(
    `What was restored is not what the manifest of ${id} says: ${shown}${more > 0 ? `, and ${more} more` : ""}` +
      " (--keep-different keeps it under a new name all the same)",
  );
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const begun = Date.now();
  const result = await work();
  return { result, seconds: (Date.now() - begun) / 1000 };
}
