import { randomBytes } from "node:crypto";
import { type Client, escapeIdentifier } from "pg";
import type { Unproven } from "../../../../contract/drillRecord";
import { evaluatesDefinitions } from "../../../../contract/sessionSettings";
import { visible } from "../../../../contract/visible";
import { elapsed } from "../../kit/clock";
import type { Say } from "../../kit/context";
import { codeOf, sentenceOf, withStop } from "../../kit/failure";
import type { DrillServer } from "./server";

/** How long all indexes may take. */
const limitSeconds = 7200;

/** What was found in the indexes. */
export interface CheckedIndexes {
  indexes: number;
  /** One sentence each. */
  problems: string[];
  unproven: Unproven[];
}

interface Index {
  oid: string;
  name: string;
}

/** Those that hold something and that nobody is building. */
const INDEXES = `
SELECT i.indexrelid::text AS oid, n.nspname || '.' || c.relname AS name
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_am a ON a.oid = c.relam
 WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence = 'p' AND i.indisvalid AND i.indisready
 ORDER BY c.relpages, c.oid`;

/** Checks every B-tree of every database against its table: each row has its entry, in the right order. */
export async function checkIndexes(
  server: DrillServer,
  say: Say,
  signal: AbortSignal,
): Promise<CheckedIndexes> {
  const found: CheckedIndexes = { indexes: 0, problems: [], unproven: [] };
  const until = elapsed() + limitSeconds * 1000;
  for (const database of await server.in("postgres", allowAll)) {
    say(`checking: the B-trees of the database ${JSON.stringify(database)}`);
    const check = async (client: Client) => {
      const schema = await prepareAmcheck(client);
      const { rows } = await client.query<Index>(INDEXES);
      for (const index of rows) {
        signal.throwIfAborted();
        await checkIndex(client, { schema, database, index, until }, found);
      }
    };
    await server.in(database, check, evaluatesDefinitions).catch((error: unknown) => {
      signal.throwIfAborted();
      const why = withStop(visible(sentenceOf(error)));
      found.problems.push(`The indexes of ${JSON.stringify(database)} cannot be checked: ${why}`);
    });
  }
  return found;
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

/** The SQLSTATEs of a statement that its time limit ended, and of a damaged table or index. */
const tookTooLong = "57014";
const damaged = ["XX001", "XX002"];

async function checkIndex(
  client: Client,
  { schema, database, index, until }: Checking,
  found: CheckedIndexes,
): Promise<void> {
  const name = `${JSON.stringify(database)}: the index ${index.name}`;
  const left = Math.floor(until - elapsed());
  const leave = (why: string) => found.unproven.push({ database, name: index.name, why });
  if (left <= 0) return void leave("There was no time left to check it.");
  try {
    await client.query(`SET statement_timeout = ${left}`);
    await client.query(
      `SELECT ${schema}.bt_index_check($1::pg_catalog.oid::pg_catalog.regclass, true)`,
      [index.oid],
    );
    found.indexes++;
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (!/^[0-9A-Z]{5}$/.test(code) || code.startsWith("08")) throw error;
    const why = `${withStop(visible(sentenceOf(error)))} [${code}]`;
    if (code === tookTooLong) leave("There was no time left to check it.");
    else if (damaged.includes(code)) found.problems.push(`${name} is damaged: ${why}`);
    // Such as the function of an index that fails with the owner's rights.
    else leave(`It could not be checked: ${why}`);
  }
}
