import type { Context } from "../kit/context";
import { codeOf, Failure, sentenceOf, withStop } from "../kit/failure";
import { withSession } from "../kit/session";
import { isMissing, mayNotConnect, unfinished } from "./source";
import { maintenanceDatabase, spareDatabase } from "../../../contract/maintenanceDatabases";
import { restoreRoleName } from "../../../contract/names";
import { oldDatabaseIs, unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import { readCopies, type RestoredCopy, selectCopies } from "../../../contract/restoredCopies";
import type { Server } from "../../../contract/agentConfig";
import type { Omission } from "../../../contract/manifest";
import { quoted } from "../../../contract/quoting";

/** What a server has. */
export interface FoundDatabases {
  /** The databases to dump. */
  names: string[];
  /** The others but for PostgreSQL's own templates, and those to dump that refuse the role. */
  leftOut: Omission[];
}

/** The databases to dump, once a server lets the role in, even when their names are configured. */
export async function reachDatabases(
  context: Context,
  application: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { names } = await askEither(context, application, signal);
  const { databases } = context.config.dumps;
  return databases === "*" ? names : databases;
}

/**
 * The databases to dump: the configured names, or for "*" every database but PostgreSQL's own templates
 * that accepts connections. The primary is asked first, because a standby may be behind.
 *
 * @param wanted the databases of this run. Default: all of those.
 */
export async function databasesToDump(
  context: Context,
  application: string,
  signal: AbortSignal,
  wanted?: string[],
): Promise<FoundDatabases> {
  const { databases } = context.config.dumps;
  if (databases !== "*") return { names: wanted ?? databases, leftOut: [] };
  if (!wanted) return askEither(context, application, signal);
  // A dump that somebody asked for by its name does not depend on this.
  const { leftOut } = await askEither(context, application, signal).catch(() => {
    signal.throwIfAborted();
    return { leftOut: [] };
  });
  return { names: wanted, leftOut };
}

async function askEither(
  context: Context,
  application: string,
  signal: AbortSignal,
): Promise<FoundDatabases> {
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
): Promise<FoundDatabases> {
  const ask = (database: string) =>
    withSession(context, server, { database, application, signal }, async (client) => {
      const { stack } = context.config;
      const values = [unfinishedRestoreComment(stack), restoreRoleName(stack), oldDatabaseIs];
      const { rows } = await client.query<DatabaseRow>(DATABASES, values);
      const role = context.config.role.name;
      const marked = await client.query<{ copies: string }>(selectCopies, [role]);
      return sorted(rows, role, readCopies(marked.rows[0]?.copies));
    });
  try {
    return await ask(maintenanceDatabase);
  } catch (error) {
    if (!cannotBeEntered(error)) throw error;
    return ask(spareDatabase);
  }
}

// -2 marks a database whose DROP was cut off: nobody can connect to it. A database that is still being
// restored is not data yet. It belongs to a superuser or to the restore's role: any other owner who writes that
// comment would only keep a database out of the dumps. IS_TEMPLATE does not count for the same reason: an owner may
// set it, and only two databases are PostgreSQL's own.
const DATABASES = `
SELECT oid::pg_catalog.text AS oid, datname AS name,
       CASE WHEN datconnlimit = -2 THEN 'invalid'
            WHEN NOT datallowconn THEN 'closed'
            WHEN pg_catalog.starts_with(coalesce(pg_catalog.shobj_description(oid, 'pg_database'), ''), $1)
              AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = d.datdba AND (r.rolsuper OR r.rolname = $2))
              THEN CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_database old WHERE pg_catalog.starts_with(
                pg_catalog.reverse(pg_catalog.shobj_description(d.oid, 'pg_database')), pg_catalog.reverse($3 || old.datname)))
                THEN 'replacing' ELSE 'unfinished' END
            WHEN NOT pg_catalog.has_database_privilege(oid, 'CONNECT') THEN 'refuses'
       END AS state
  FROM pg_catalog.pg_database d
 WHERE datname NOT IN ('template0', 'template1')
 ORDER BY datname`;

/** What `DATABASES` returns. Without a state, the database can be dumped. */
export interface DatabaseRow {
  oid: string;
  name: string;
  state: "invalid" | "closed" | "unfinished" | "replacing" | "refuses" | null;
}

/**
 * Sorts databases into those to dump and the others. One that refuses the role is in both, and so is one that a
 * restore fills under the name of the old one: a run without it is no success. What a restore
 * left beside a database that is still there is its copy.
 */
export function sorted(
  all: readonly DatabaseRow[],
  role: string,
  copies: readonly RestoredCopy[] = [],
): FoundDatabases {
  const copyOf = ({ oid, name }: DatabaseRow) => {
    const copy = copies.find((one) => one.oid === oid && one.name === name);
    return copy && all.some((other) => other.name === copy.of) ? copy.of : undefined;
  };
  const copied = all.flatMap((row) => {
    const of = row.state === null ? copyOf(row) : undefined;
    return of === undefined ? [] : [{ row, of }];
  });
  const rows = all.filter((one) => !copied.some(({ row }) => row === one));
  const why: Record<NonNullable<DatabaseRow["state"]>, string> = {
    invalid: "its DROP DATABASE was interrupted, so nobody can connect to it",
    closed: "it accepts no connections (ALTER DATABASE … ALLOW_CONNECTIONS true changes that)",
    unfinished,
    replacing: unfinished,
    refuses: mayNotConnect(role),
  };
  return {
    // It is tried: a database that should be dumped and is not is a failure.
    names: rows
      .filter(({ state }) => state === null || state === "refuses" || state === "replacing")
      .map(({ name }) => name),
    leftOut: [
      ...rows.flatMap(({ name, state }) =>
        state === null ? [] : [{ what: `the database ${quoted(name)}`, why: why[state] }],
      ),
      ...copied.map(({ row, of }) => ({
        what: `the database ${quoted(row.name)}`,
        why: `a restore left it beside ${quoted(of)}; laterbase:dumps.databases can name it`,
      })),
    ],
  };
}

/** SQLSTATEs: it does not exist; the role may not connect; it accepts none, or no more connections. */
const cannotBeEntered = (error: unknown) =>
  isMissing(error) || ["42501", "55000", "53300"].includes(codeOf(error) ?? "");
