import { positionOf } from "../segments";
import type { ArchivedSegment } from "./facts";
import type { WalReader } from "./reader";
import { type TransactionEnd, transactionEnd } from "./waldump";

/** How many segments without any transaction are passed. A quiet server fills one an hour, by its check. */
export const quiet = 500;

/** The transactions that ended in a segment. */
export async function endsIn(segment: string, reader: WalReader): Promise<TransactionEnd[]> {
  const { timeline } = positionOf(segment);
  const records = await reader.read(segment, "Transaction");
  return records.flatMap((record) => transactionEnd(record, timeline) ?? []);
}

/** The last transaction that ended in these segments. */
export async function lastEnd(
  files: readonly ArchivedSegment[],
  reader: WalReader,
): Promise<TransactionEnd | undefined> {
  for (const { segment } of files.slice(-quiet).reverse()) {
    const last = await reader.lastReal(await endsIn(segment, reader));
    if (last) return last;
  }
  return undefined;
}
