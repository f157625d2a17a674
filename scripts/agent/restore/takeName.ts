import { type Client, escapeIdentifier as name } from "pg";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { retry } from "../kit/retry";
import type { Login } from "./login";
import { exists, maintenance } from "./server";
import { type Names, readRenamed, type Renamed, renameStatement } from "./renameDatabases";
import { quoted } from "../../../contract/quoting";

const patienceMs = 60_000;

/**
 * Gives the fresh database the old one's name. When it throws, the old database still has its name
 * and accepts connections, unless the error says so.
 */
export async function takeName(login: Login, client: Client, names: Names): Promise<Renamed> {
  let renamed: Renamed;
  try {
    await client.query(renameStatement(names));
    const { rows } = await client.query<{ answer: string }>(readRenamed);
    renamed = JSON.parse(rows[0]?.answer ?? "") as Renamed;
  } catch (error) {
    return askHowItEnded(login, client, names, sentenceOf(error));
  }
  if (renamed.problem === null) return renamed;
  throw notReplaced(names, renamed.problem);
}

/** Asks the server how the statement ended, after its answer was lost. */
async function askHowItEnded(
  login: Login,
  lost: Client,
  names: Names,
  reason: string,
): Promise<Renamed> {
  const client = await again(() => maintenance(login, names.old));
  // The statement runs to its end, whether or not its session is still there.
  await again(async () => {
    const running = "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'";
    const { rowCount } = await client.query(running, [processOf(lost)]);
    if (rowCount) throw new Error("the databases are still being renamed");
  });
  const done = await exists(client, names.kept);
  for (const database of [names.old, done ? names.kept : names.fresh]) {
    await open(client, database, reason);
  }
  if (done) return { problem: null, evicted: 0, seconds: 0 };
  throw notReplaced(names, reason);
}

/** Somebody may hold a lock on the database just now. Then its clients stay out, and the operator has to know. */
async function open(client: Client, database: string, reason: string): Promise<void> {
  const statement = `ALTER DATABASE ${name(database)} ALLOW_CONNECTIONS true`;
  await again(() => client.query(statement)).catch((error: unknown) => {
    throw new Failure(
      `${withStop(reason)} ${quoted(database)} accepts no connections until a superuser runs ${statement}: ${sentenceOf(error)}`,
    );
  });
}

function notReplaced({ old }: Names, why: string): Failure {
  return new Failure(
    `${quoted(old)} was not replaced, it has its name and accepts connections: ${why.replace(/\.$/, "")}`,
  );
}

const processOf = (client: Client) => (client as unknown as { processID: number }).processID;

/** Waits for a server that restarts. */
function again<T>(work: () => Promise<T>): Promise<T> {
  return retry(work, { every: 500, within: patienceMs });
}
