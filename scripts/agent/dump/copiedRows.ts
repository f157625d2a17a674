import { hash } from "node:crypto";
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

/** COPY ends each row with a line break, and writes a line break in a value as an escape. */
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
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let begin = 0;
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, begin)) {
      // As text, because a Buffer or a BigInt for each row would take three times as long.
      const digits = hash("sha256", text.subarray(begin, end));
      high += parseInt(digits.slice(0, 8), 16);
      low += parseInt(digits.slice(8, 16), 16);
      rows++;
      if (rows % exactRows === 0) add();
      begin = end + 1;
    }
    rest = text.subarray(begin);
  }
  if (rest.length > 0) throw new Error("the output of COPY ends within a row");
  add();
  return { rows, checksum: String(sum) };
}
