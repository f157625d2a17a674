import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Client, DatabaseError } from "pg";
import { from } from "pg-copy-streams";
import { runTool } from "../kit/tools";
import type { Entry } from "../dump/toc";

const BEFORE_ROWS = Buffer.from(" FROM stdin;\n");

/**
 * Loads the rows of one table in a session of ours, whose search_path and rights are known. pg_restore
 * prints them as COPY reads them. The server ignores what follows the line that ends them.
 *
 * @param list a file for pg_restore's list of entries, which names this one only
 * @param encoding that of the archive, by its name in PostgreSQL
 */
export async function loadRows(
  session: Client,
  { copy }: Pick<Entry, "copy">,
  { archive, list, encoding }: { archive: string; list: string; encoding: string },
  signal: AbortSignal,
): Promise<void> {
  const statement = copy.replace(/ FROM stdin;\s*$/, ` FROM STDIN (ENCODING '${encoding}')`);
  const rows = session.query(from(statement));
  const script = new PassThrough();
  const args = ["--use-list", list, "--file", "-", archive];
  const [printed, loaded] = await Promise.allSettled([
    runTool("pg_restore", args, { output: script, signal }).catch((error: unknown) => {
      script.destroy(error as Error);
      throw error;
    }),
    pipeline(rowsIn(script), rows),
  ]);
  // When the server refuses rows, nobody reads what pg_restore prints, and it fails as well.
  if (loaded.status === "rejected" && loaded.reason instanceof DatabaseError) throw loaded.reason;
  if (printed.status === "rejected") throw printed.reason;
  if (loaded.status === "rejected") throw loaded.reason;
}

/** What follows the first COPY of a script. */
export async function* rowsIn(script: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let before: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of script) {
    if (before === undefined) {
      yield chunk;
      continue;
    }
    before = Buffer.concat([before, chunk]);
    const at = before.indexOf(BEFORE_ROWS);
    if (at < 0) continue;
    yield before.subarray(at + BEFORE_ROWS.length);
    before = undefined;
  }
}
