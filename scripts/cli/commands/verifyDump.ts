import { Argument } from "commander";
import type { Verified } from "../../../contract/agentReplies";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { count, moment, omitted, size, word } from "../terminal/format";
import { quoted } from "../../../contract/quoting";

export const verifyDump: OperatorCommand = {
  name: "verify-dump",
  description: "read the files of a dump and compare them with their checksums",
  example: "verify-dump mfi_banking",
  documented: "docs/dumps.md#by-hand",
  arguments: [new Argument("<dump>", "the dump's id, or a database for its latest dump")],
  run: verify,
};

async function verify(session: Session, dump: string): Promise<void> {
  const result = await session.ask<Verified>("verify-dump", { dump });
  session.show(result, () => summary(session, result));
}

function summary(session: Session, dump: Verified): string {
  const bytes = dump.files.reduce((sum, file) => sum + file.bytes, 0);
  const contents = [
    count(dump.tables, "table"),
    count(dump.rows, "row"),
    count(dump.largeObjects, "large object"),
  ];
  return [
    `The files of ${dump.id} are unchanged: ${count(dump.files.length, "file")}, ${size(bytes)}, checksums equal.`,
    `The dump holds ${quoted(dump.database)} of ${moment(dump.takenAt)}: ${contents.join(", ")}.`,
    ...(dump.signature === "ours"
      ? []
      : ["This stack did not sign it, so nothing proves who wrote it."]),
    ...dump.omissions.map((one) => omitted("Not in the dump", one)),
    `Only a restore proves a dump: ${session.command(`restore-dump ${word(dump.id)}`)}`,
  ].join("\n");
}
