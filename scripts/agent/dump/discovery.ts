import type { Context } from "../kit/context";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { withSession } from "../kit/session";
import { isMissing } from "./source";
import { unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import type { Server } from "../../../contract/agentConfig";

/** The databases to dump, once a server lets the role in, even when their names are configured. */
export async function reachDatabases(
  context: Context,
  application: string,
  signal: AbortSignal,
): Promise<string[]> {
  const found = await askEither(context, application, signal);
  const { databases } = context.config.dumps;
  return databases === "*" ? found : databases;
}

/**
 * The databases to dump: the configured names, or for "*" every database that is not a template
 * and accepts connections. The primary is asked first, because a standby may be behind.
 */
export async function databasesToDump(
  context: Context,
  application: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { databases } = context.config.dumps;
  return databases === "*" ? askEither(context, application, signal) : databases;
}

async function askEither(
  context: Context,
  application: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { primary, standby } = context.config;
  const reasons: string[] = [];
  for (const server of [primary, ...(standby ? [standby] : [])]) {
    try {
      return await databasesOf(context, server, application, signal);
    } catch (error) {
      signal.throwIfAborted();
      reasons.push(`the ${server.name}: ${withStop(sentenceOf(error))}`);
    }
  }
  throw new Failure(reasons.join(" "));
}

async function databasesOf(
  context: Context,
  server: Server,
  application: string,
  signal: AbortSignal,
): Promise<string[]> {
  const ask = (database: string) =>
    withSession(context, server, { database, application, signal }, async (client) => {
      // -2 marks a database whose DROP was cut off: nobody can connect to it. A database that is
      // still being restored is not data yet.
      const { rows } = await client.query<{ name: string }>(
        `SELECT datname AS name FROM pg_catalog.pg_database
          WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2
            AND NOT pg_catalog.starts_with(coalesce(pg_catalog.shobj_description(oid, 'pg_database'), ''), $1)
          ORDER BY datname`,
        [unfinishedRestoreComment(context.config.stack)],
      );
      return rows.map(({ name }) => name);
    });
  try {
    return await ask("postgres");
  } catch (error) {
    if (!isMissing(error)) throw error;
    return ask("template1");
  }
}
