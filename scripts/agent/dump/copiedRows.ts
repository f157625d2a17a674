import { createHash, hash, type Hash } from "node:crypto";
import { type ClientBase, escapeLiteral, type Submittable } from "pg";
import { to } from "pg-copy-streams";

/** The number of rows, and the sum of the first 64 bits of their SHA-256, so their order does not matter. */
export interface RowSum {
  rows: number;
  checksum: string;
}

/**
 * COPY of a table calls the output functions of its types and nothing else. A SELECT is planned first,
 * and the planner computes what is constant in the table's indexes and statistics: code of users.
 *
 * @param encoding of the text that COPY prints. With the database's own, its bytes stay as they are.
 */
export function copyStatement(table: string, columns: readonly string[], encoding: string): string {
  const list = columns.length > 0 ? ` (${columns.join(", ")})` : "";
  return `COPY ${table}${list} TO STDOUT (ENCODING ${escapeLiteral(encoding)})`;
}

/** Sums what a COPY prints. */
export async function copiedRows(client: ClientBase, statement: string): Promise<RowSum> {
  return sumOfLines(client.query(to(statement)));
}

/**
 * Sums what each COPY of a script prints. The whole script is one request: a round trip for each of many small
 * tables costs more than the table. The server is never asked to wait, so none may print much.
 */
export function copiedInOneRequest(client: ClientBase, script: string): Promise<RowSum[]> {
  return new Promise((resolve, reject) => void client.query(new Copies(script, resolve, reject)));
}

/** A request with several COPY … TO STDOUT. pg calls the handlers for what the server answers. */
class Copies implements Submittable {
  private readonly sums: RowSum[] = [];
  private lines = new LineSum();

  constructor(
    private readonly script: string,
    private readonly resolve: (sums: RowSum[]) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  submit(connection: { query(script: string): void }): void {
    connection.query(this.script);
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.lines.add(chunk);
  }

  handleCommandComplete({ text }: { text: string }): void {
    if (!text.startsWith("COPY ")) return;
    try {
      this.sums.push(this.lines.end());
    } catch (error) {
      // Nobody catches what is thrown here.
      this.reject(error as Error);
    }
    this.lines = new LineSum();
  }

  handleError(error: Error): void {
    this.reject(error);
  }

  handleReadyForQuery(): void {
    this.resolve(this.sums);
  }
}

/** The sums of both halves stay exact as numbers for so many rows: each addend is below 2^32. */
const exactRows = 2 ** 20;

/** Sums the lines of {@link copiedRows}. */
export async function sumOfLines(chunks: AsyncIterable<Buffer>): Promise<RowSum> {
  const lines = new LineSum();
  for await (const chunk of chunks) lines.add(chunk);
  return lines.end();
}

/**
 * COPY ends each row with a line break, and writes a line break in a value as an escape. A row may have a gigabyte,
 * so one that goes on in the next piece is hashed piece by piece, and never held.
 */
class LineSum {
  private rows = 0;
  private sum = 0n;
  private high = 0;
  private low = 0;
  /** Of a row that began in an earlier piece. */
  private begun: Hash | undefined;

  add(chunk: Buffer): void {
    let begin = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, begin)) {
      const line = chunk.subarray(begin, end);
      // As text, because a Buffer or a BigInt for each row would take three times as long.
      const digits = this.begun ? this.begun.update(line).digest("hex") : hash("sha256", line);
      this.begun = undefined;
      this.high += parseInt(digits.slice(0, 8), 16);
      this.low += parseInt(digits.slice(8, 16), 16);
      this.rows++;
      if (this.rows % exactRows === 0) this.addUp();
      begin = end + 1;
    }
    if (begin < chunk.length)
      this.begun = (this.begun ?? createHash("sha256")).update(chunk.subarray(begin));
  }

  /** @throws Error when the last line did not end */
  end(): RowSum {
    if (this.begun) throw new Error("the output of COPY ends within a row");
    this.addUp();
    return { rows: this.rows, checksum: String(this.sum) };
  }

  private addUp(): void {
    this.sum += (BigInt(this.high) << 32n) + BigInt(this.low);
    [this.high, this.low] = [0, 0];
  }
}
