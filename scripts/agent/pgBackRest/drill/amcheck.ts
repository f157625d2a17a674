import { randomBytes } from "node:crypto";
import { type Client, escapeIdentifier } from "pg";
import type { Unproven } from "../../../../contract/drillRecord";
import { evaluatesDefinitions } from "../../../../contract/sessionSettings";
import { elapsed } from "../../kit/clock";
import type { Say } from "../../kit/context";
import { codeOf } from "../../kit/failure";
import { isDamage } from "./contents";
import { saidBy } from "./said";
import type { DrillServer } from "./server";
import { inTime, NotInTime } from "./sessions";

/** How long all indexes may take, and how long one of them. */
const limitSeconds = 7200;
const indexSeconds = 1800;

/** The server ends a statement at its limit. An index function that ignores this is given so much more. */
const patienceSeconds = 30;

/** What was found in the indexes. */
export interface CheckedIndexes {
  indexes: number;
  /** One sentence each. */
  problems: string[];
  unproven: Unproven[];
  /** How many were not looked at to their end, because there was no time. */
  late: number;
  /** How many there are of kinds that amcheck does not know, by the name of the kind, such as gist. */
  others: Record<string, number>;
  /** Why the check and its server were ended, in one sentence. Absent: they were not. */
  ended?: string;
}

interface Index {
  oid: string;
  name: string;
  /** Its access method. */
  kind: string;
}

/** Those that hold something and that nobody is building. */
const INDEXES = `
SELECT i.indexrelid::text AS oid, n.nspname || '.' || c.relname AS name, a.amname AS kind
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_am a ON a.oid = c.relam
 WHERE c.relkind = 'i' AND c.relpersistence = 'p' AND i.indisvalid AND i.indisready
 ORDER BY c.relpages, c.oid`;

/** Checks every B-tree of every database against its table: each row has its entry, in the right order. */
export async function checkIndexes(
  server: Pick<DrillServer, "in" | "kill">,
  say: Say,
  signal: AbortSignal,
): Promise<CheckedIndexes> {
  const found: CheckedIndexes = { indexes: 0, problems: [], unproven: [], late: 0, others: {} };
  const most = limitSeconds + 2 * patienceSeconds;
  try {
    await inTime(checkAll(server, found, say, signal), most, "The check of the indexes");
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NotInTime)) throw error;
    // A function that ignores its end goes on in the server, so the server goes.
    await server.kill();
    found.ended = `${error.message} So the drill has ended its server.`;
  }
  return found;
}

async function checkAll(
  server: Pick<DrillServer, "in">,
  found: CheckedIndexes,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const until = elapsed() + limitSeconds * 1000;
  for (const database of await server.in("postgres", allowAll)) {
    say(`checking: the B-trees of the database ${JSON.stringify(database)}`);
    const check = async (client: Client) => {
      const schema = await prepareAmcheck(client);
      const { rows } = await client.query<Index>(INDEXES);
      for (const index of rows) {
        signal.throwIfAborted();
        const { kind } = index;
        if (kind === "btree") await checkIndex(client, { schema, database, index, until }, found);
        else found.others[kind] = (found.others[kind] ?? 0) + 1;
      }
    };
    await server.in(database, check, evaluatesDefinitions).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof NotInTime) throw error;
      const why = saidBy(error);
      found.problems.push(`The indexes of ${JSON.stringify(database)} cannot be checked: ${why}`);
    });
  }
}

/** The restored server is nobody's, so its templates can be entered too. */
async function allowAll(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ datname: string; open: boolean }>(
    `SELECT datname, datallowconn AS open FROM pg_catalog.pg_database WHERE datconnlimit <> -2 ORDER BY 1`,
  );
  for (const { datname } of rows.filter(({ open }) => !open)) {
    await client.query(`ALTER DATABASE ${escapeIdentifier(datname)} ALLOW_CONNECTIONS true`);
  }
  return rows.map(({ datname }) => datname);
}

/**
 * Puts amcheck into a schema of its own, so that its functions are those that are called. Before 17 no setting turns
 * event triggers off, and one would run with the superuser's rights; changes of event triggers fire none.
 */
async function prepareAmcheck(client: Client): Promise<string> {
  const schema = `laterbase_drill_${randomBytes(8).toString("hex")}`;
  const triggers = await client.query<{ evtname: string }>(
    "SELECT evtname FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D'",
  );
  for (const { evtname } of triggers.rows) {
    await client.query(`ALTER EVENT TRIGGER ${escapeIdentifier(evtname)} DISABLE`);
  }
  const { rowCount } = await client.query(
    "SELECT FROM pg_catalog.pg_extension WHERE extname = 'amcheck'",
  );
  await client.query(`CREATE SCHEMA ${schema}`);
  if (rowCount === 0) await client.query(`CREATE EXTENSION amcheck SCHEMA ${schema}`);
  else {
    await client.query("ALTER EXTENSION amcheck UPDATE");
    await client.query(`ALTER EXTENSION amcheck SET SCHEMA ${schema}`);
  }
  return schema;
}

interface Checking {
  schema: string;
  database: string;
  index: Index;
  /** When the time is over, by `elapsed`. */
  until: number;
}

/** The SQLSTATE of a statement that its time limit ended. */
const tookTooLong = "57014";

async function checkIndex(
  client: Client,
  { schema, database, index, until }: Checking,
  found: CheckedIndexes,
): Promise<void> {
  const name = `${JSON.stringify(database)}: the index ${index.name}`;
  const left = Math.floor(until - elapsed());
  const leave = (why: string) => found.unproven.push({ database, name: index.name, why });
  const late = () => {
    found.late++;
    leave("There was no time left to check it.");
  };
  if (left <= 0) return late();
  const limit = Math.min(left, indexSeconds * 1000);
  try {
    await client.query(`SET statement_timeout = ${limit}`);
    const check = client.query(
      `SELECT ${schema}.bt_index_check($1::pg_catalog.oid::pg_catalog.regclass, true)`,
      [index.oid],
    );
    await inTime(
      check,
      Math.ceil(limit / 1000) + patienceSeconds,
      `The check of the index ${index.name} of ${JSON.stringify(database)}`,
    );
    found.indexes++;
  } catch (error) {
    if (error instanceof NotInTime) throw error;
    const code = codeOf(error) ?? "";
    if (!/^[0-9A-Z]{5}$/.test(code) || code.startsWith("08")) throw error;
    const why = `${saidBy(error)} [${code}]`;
    if (code === tookTooLong) late();
    else if (isDamage(code)) found.problems.push(`${name} is damaged: ${why}`);
    // Such as the function of an index that fails with the owner's rights.
    else leave(`It could not be checked: ${why}`);
  }
}
