import { createHash, hash, type Hash } from "node:crypto";
import { type ClientBase, escapeLiteral } from "pg";
import { to } from "pg-copy-streams";

/**
 * The number of rows that COPY prints, and the sum of the first 64 bits of their SHA-256, so their order
 * does not matter.
 *
 * COPY of a table calls the output functions of its types and nothing else. A SELECT is planned first,
 * and the planner computes what is constant in the table's indexes and statistics: code of users.
 *
 * @param encoding of the text that COPY prints. With the database's own, its bytes stay as they are.
 */
export async function copiedRows(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  encoding: string,
): Promise<{ rows: number; checksum: string }> {
  const list = columns.length > 0 ? ` (${columns.join(", ")})` : "";
  const options = `ENCODING ${escapeLiteral(encoding)}`;
  return sumOfLines(client.query(to(`COPY ${table}${list} TO STDOUT (${options})`)));
}

/** The sums of both halves stay exact as numbers for so many rows: each addend is below 2^32. */
const exactRows = 2 ** 20;

/**
 * COPY ends each row with a line break, and writes a line break in a value as an escape. A row may have a gigabyte,
 * so one that goes on in the next piece is hashed piece by piece, and never held.
 */
export async function sumOfLines(
  chunks: AsyncIterable<Buffer>,
): Promise<{ rows: number; checksum: string }> {
  let rows = 0;
  let sum = 0n;
  let [high, low] = [0, 0];
  const add = () => {
    sum += (BigInt(high) << 32n) + BigInt(low);
    [high, low] = [0, 0];
  };
  // Of a row that began in an earlier piece.
  let begun: Hash | undefined;
  for await (const chunk of chunks) {
    let begin = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, begin)) {
      const line = chunk.subarray(begin, end);
      // As text, because a Buffer or a BigInt for each row would take three times as long.
      const digits = begun ? begun.update(line).digest("hex") : hash("sha256", line);
      begun = undefined;
      high += parseInt(digits.slice(0, 8), 16);
      low += parseInt(digits.slice(8, 16), 16);
      rows++;
      if (rows % exactRows === 0) add();
      begin = end + 1;
    }
    if (begin < chunk.length) begun = (begun ?? createHash("sha256")).update(chunk.subarray(begin));
  }
  if (begun) throw new Error("the output of COPY ends within a row");
  add();
  return { rows, checksum: String(sum) };
}
