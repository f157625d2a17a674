import type { Verified } from "../../../contract/agentReplies";
import { count, moment, size, word } from "../terminal/format";
import type { Session } from "../session";

/** Reads a dump's files against their checksums. */
export async function verifyDump(session: Session, dump: string): Promise<void> {
  const result = await session.ask<Verified>("verify-dump", { dump });
  session.show(result, () => verified(session, result));
}

function verified(session: Session, dump: Verified): string {
  const bytes = dump.files.reduce((sum, file) => sum + file.bytes, 0);
  const contents = [
    count(dump.tables, "table"),
    count(dump.rows, "row"),
    count(dump.largeObjects, "large object"),
  ];
  return [
    `${dump.id} is as it was written: ${count(dump.files.length, "file")}, ${size(bytes)}, checksums equal.`,
    `It holds "${dump.database}" of ${moment(dump.takenAt)}: ${contents.join(", ")}.`,
    ...dump.leftOut.map(({ what, why }) => `Not in it: ${what}, because ${why}.`),
    `The proof of a dump is its restore: ${session.command(`restore-dump ${word(dump.id)}`)}`,
  ].join("\n");
}
