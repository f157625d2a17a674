import type { JobRecord } from "../../agent/types";
import { CliError } from "../cliError";
import { seconds, size, table, word } from "../format";
import type { Session } from "../session";

/** Dumps now, and fails when any of the databases could not be dumped. */
export async function dump(
  session: Session,
  databases: readonly string[],
  { acceptSmaller = false }: { acceptSmaller?: boolean },
): Promise<void> {
  const record = await session.ask<JobRecord>("dump", {
    ...(databases.length > 0 ? { databases } : {}),
    ...(acceptSmaller ? { acceptSmaller } : {}),
  });
  const failed = record.result !== "success";
  if (!failed || record.databases?.length) session.show(record, () => summary(session, record));
  if (failed) throw new CliError(record.detail);
}

function summary(session: Session, { databases = [], detail }: JobRecord): string {
  const rows = databases.map((one) => [
    one.database,
    one.result === "success" ? "dumped" : "FAILED",
    seconds(one.seconds),
    one.bytes === undefined ? "" : size(one.bytes),
    one.folder ?? one.detail,
  ]);
  const first = databases.find(({ folder }) => folder);
  const next = first?.folder
    ? `\nTo restore one beside the database: ${session.command(`restore-dump ${word(first.folder)}`)}`
    : "";
  return `${rows.length > 0 ? table(rows) : detail}${next}`;
}
