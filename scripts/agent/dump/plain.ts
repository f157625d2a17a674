import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { runTool } from "../kit/tools";

/**
 * Writes the archive as gzipped SQL. It reads the archive, not the server: so it has the same
 * snapshot, nothing is read twice, and all of the archive is proven to be readable.
 */
export async function writePlain(
  archive: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const gzip = createGzip();
  // Both must succeed: the program, and the writing of every byte.
  const written = pipeline(gzip, createWriteStream(file, { mode: 0o640 }));
  await Promise.all([
    runTool("pg_restore", ["--file=-", archive], { signal, output: gzip }),
    written,
  ]);
}
