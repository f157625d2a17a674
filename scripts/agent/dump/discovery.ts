import type { Context } from "../kit/context";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { withSession } from "../kit/session";
import { isMissing } from "./source";
import { unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import type { Server } from "../../../contract/agentConfig";

/** Succeeds when a server lets the role in. */
export async function reachServer(
  context: Context,
  application: string,
  signal: AbortSignal,
): Promise<void> {
  await askEither(context, application, signal);
}

/**
 * The databases to dump: the configured names, or of "*" every one that is no template and can be
 * connected to. The primary is asked first, as a standby may be behind.
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
      // -2: a DROP DATABASE that was cut off, which nobody can connect to any more. A restore that
      // is not finished is nobody's data yet.
      const { rows } = await client.query<{ name: string }>(
        `SELECT datname AS name FROM pg_database
          WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2
            AND NOT starts_with(coalesce(shobj_description(oid, 'pg_database'), ''), $1)
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
