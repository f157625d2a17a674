import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { runTool } from "../kit/tools";

/**
 * The archive as plain SQL, gzipped. It is made of the archive, not of the server: the same
 * snapshot without reading everything twice, and a proof that all of the archive can be read.
 */
export async function writePlain(
  archive: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const gzip = createGzip();
  // Both ends count: the program's exit code, and whether every byte reached the file.
  const written = pipeline(gzip, createWriteStream(file, { mode: 0o640 }));
  await Promise.all([
    runTool("pg_restore", ["--file=-", archive], { signal, output: gzip }),
    written,
  ]);
}
