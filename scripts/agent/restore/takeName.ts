import { type Client, escapeIdentifier as name } from "pg";
import { Failure, sentenceOf } from "../kit/failure";
import type { Login } from "./login";
import { exists, maintenance } from "./server";
import { type Names, readSwapped, type Swapped, swapStatement } from "./renameDatabases";

const PATIENCE_MS = 60_000;

/**
 * Gives the fresh database the old one's name. When it returns, it is done; when it throws, the old
 * one has its name and accepts connections.
 */
export async function replace(login: Login, client: Client, names: Names): Promise<Swapped> {
  let swapped: Swapped;
  try {
    await client.query(swapStatement(names));
    const { rows } = await client.query<{ swap: string }>(readSwapped);
    swapped = JSON.parse(rows[0]?.swap ?? "") as Swapped;
  } catch (error) {
    return settle(login, client, names, sentenceOf(error));
  }
  if (swapped.problem === null) return swapped;
  throw notReplaced(names, swapped.problem);
}

/** The answer was lost: the server knows how it ended. */
async function settle(login: Login, lost: Client, names: Names, reason: string): Promise<Swapped> {
  const client = await again(() => maintenance(login, names.old));
  // Without anybody who listens, the statement comes to its end all the same.
  await again(async () => {
    const running = "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'";
    const { rowCount } = await client.query(running, [processOf(lost)]);
    if (rowCount) throw new Error("the swap is still under way");
  });
  const done = await exists(client, names.kept);
  for (const database of [names.old, done ? names.kept : names.fresh]) {
    await client.query(`ALTER DATABASE ${name(database)} ALLOW_CONNECTIONS true`);
  }
  if (done) return { problem: null, evicted: 0, seconds: 0 };
  throw notReplaced(names, reason);
}

function notReplaced({ old }: Names, why: string): Failure {
  return new Failure(
    `"${old}" was not replaced, it has its name and accepts connections: ${why.replace(/\.$/, "")}`,
  );
}

const processOf = (client: Client) => (client as unknown as { processID: number }).processID;

/** A server that restarts is waited for. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
