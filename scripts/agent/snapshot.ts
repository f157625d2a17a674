import type { Client } from "pg";
import { openSession } from "./session";
import { largeObjectsOf, contentOf, algorithmOf, type CatalogTable } from "./contents";
import type { Context } from "./context";
import type { Manifest, Server, TableContent } from "./types";

const READ_ONLY = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/** Sessions that compute checksums. More would only take cores from pg_dump and its server. */
const READERS = 2;

/** A transaction whose snapshot others read by as well, for as long as it is open. */
export async function exportSnapshot(client: Client): Promise<string> {
  await client.query(READ_ONLY);
  const { rows } = await client.query<{ id: string }>("SELECT pg_export_snapshot() AS id");
  return rows[0]?.id ?? "";
}

/** What the snapshot holds: every table's rows and checksum, and the large objects'. */
export async function contentsOf(
  context: Context,
  server: Server,
  { tables, ...where }: { tables: readonly CatalogTable[] } & Where,
): Promise<Pick<Manifest, "tables" | "largeObjects">> {
  const algorithm = algorithmOf(context.config.major);
  const found: TableContent[] = [];
  let largeObjects: Manifest["largeObjects"] | undefined;
  // Nobody knows how big the large objects are, so they come first.
  const work = [
    async (client: Client) => {
      largeObjects = await largeObjectsOf(client, algorithm);
    },
    ...tables.map((table) => async (client: Client) => {
      found.push(await contentOf(client, table, algorithm));
    }),
  ];
  const reader = async () => {
    const client = await openSession(context, server, where);
    try {
      await client.query(READ_ONLY);
      await client.query(`SET TRANSACTION SNAPSHOT '${where.snapshot}'`);
      for (let next = work.shift(); next; next = work.shift()) await next(client);
    } finally {
      work.length = 0;
      await client.end().catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  const order = (table: TableContent) => JSON.stringify([table.schema, table.name]);
  return {
    tables: found.sort((a, b) => (order(a) < order(b) ? -1 : 1)),
    largeObjects: largeObjects ?? { count: 0, checksum: "0" },
  };
}

interface Where {
  snapshot: string;
  database: string;
  application: string;
  signal: AbortSignal;
}
