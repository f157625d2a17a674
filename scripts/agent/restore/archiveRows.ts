import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import type { TableContent } from "../../../contract/manifest";
import { runTool } from "../kit/tools";

const IDENTIFIER = '"(?:[^"]|"")+"|[^\\s".,()]+';
const COPY = new RegExp(
  `^COPY (${IDENTIFIER})\\.(${IDENTIFIER}) ?(?:\\(((?:${IDENTIFIER})(?:, (?:${IDENTIFIER}))*)\\))? FROM stdin;$`,
);

/**
 * The rows of an archive, counted and summed as `copiedRows` does with those of a server. Rows that the
 * archive holds as INSERT are not in it.
 */
export async function archiveRows(file: string, signal: AbortSignal): Promise<TableContent[]> {
  const output = new PassThrough();
  const [rows] = await Promise.all([
    rowsOf(output),
    runTool("pg_restore", ["--data-only", "--file=-", file], { output, signal }),
  ]);
  return rows;
}

/** A longer row is counted and not summed: its columns would have to be held until all of them are there. */
const WIDEST = 128 << 20;

/** The rows of a table so far. The sum is undefined where a row was too wide for it. */
interface Summed {
  table: TableContent;
  sum: bigint | undefined;
}

/**
 * Reads the rows in a script of pg_restore: lines between a COPY and `\\.`. A table with a row that is wider than
 * `widest` bytes gets no checksum.
 */
export async function rowsOf(
  script: AsyncIterable<Buffer>,
  widest = WIDEST,
): Promise<TableContent[]> {
  const tables = new Map<string, Summed>();
  let current: (Summed & { order: number[] }) | undefined;
  for await (const line of linesOf(script, widest)) {
    if (!line) {
      if (!current) continue;
      current.table.rows++;
      current.sum = undefined;
    } else if (!current) {
      // Only a line of SQL can begin so. A value is never read here.
      if (line.subarray(0, 5).toString("latin1") !== "COPY ") continue;
      const [, schema, name, columns] = COPY.exec(line.toString("utf8")) ?? [];
      if (schema === undefined || name === undefined) continue;
      const table = { schema: unquoted(schema), name: unquoted(name) };
      const key = JSON.stringify(table);
      const known: Summed = tables.get(key) ?? {
        table: { ...table, rows: 0, checksum: null, algorithm: "copy" as const },
        sum: 0n,
      };
      tables.set(key, known);
      current = Object.assign(known, { order: byName(columns) });
    } else if (line.length === 2 && line.toString("latin1") === "\\.") current = undefined;
    else {
      current.table.rows++;
      if (current.sum === undefined) continue;
      current.sum += createHash("sha256")
        .update(ordered(line, current.order))
        .digest()
        .readBigUInt64BE();
    }
  }
  return [...tables.values()].map(({ table, sum }) => ({
    ...table,
    checksum: sum === undefined ? null : String(sum),
  }));
}

/** The places of the columns, in the order of their names: `copiedRows` prints them so. */
function byName(columns: string | undefined): number[] {
  const names = columns?.match(new RegExp(IDENTIFIER, "g")) ?? [];
  return names
    .map((word, place) => ({ bytes: Buffer.from(unquoted(word)), place }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ place }) => place);
}

/** COPY separates values by tabs, and writes a tab in a value as an escape. */
function ordered(line: Buffer, order: readonly number[]): Buffer {
  if (order.every((place, index) => place === index)) return line;
  const values: Buffer[] = [];
  let begin = 0;
  for (let end = line.indexOf(9); end >= 0; end = line.indexOf(9, begin)) {
    values.push(line.subarray(begin, end));
    begin = end + 1;
  }
  values.push(line.subarray(begin));
  const tab = Buffer.from("\t");
  return Buffer.concat(
    order.flatMap((place, index) => [
      ...(index > 0 ? [tab] : []),
      values[place] ?? Buffer.alloc(0),
    ]),
  );
}

/** Lines. Undefined for one that is wider: its bytes are not kept. */
async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  widest: number,
): AsyncGenerator<Buffer | undefined> {
  let rest: Buffer[] = [];
  let held = 0;
  const add = (piece: Buffer) => {
    held += piece.length;
    if (held > widest) rest = [];
    else rest.push(piece);
  };
  const line = () => (held > widest ? undefined : Buffer.concat(rest));
  for await (const chunk of chunks) {
    let begin = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, begin)) {
      add(chunk.subarray(begin, end));
      yield line();
      [rest, held] = [[], 0];
      begin = end + 1;
    }
    if (begin < chunk.length) add(chunk.subarray(begin));
  }
  if (held > 0) yield line();
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replace(/""/g, '"') : word;
}
