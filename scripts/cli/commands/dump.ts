import type { JobRecord } from "../../../contract/jobRecord";
import { CliError } from "../terminal/cliError";
import { seconds, size, table, word } from "../terminal/format";
import type { Session } from "../session";

/** Dumps now, and fails when any of the databases could not be dumped. */
export async function dump(
  session: Session,
  databases: readonly string[],
  { acceptSmaller = false }: { acceptSmaller?: boolean },
): Promise<void> {
  const record = await session.ask<JobRecord>("dump", {
    // A scheduled run under way is no reason to come back later.
    wait: true,
    ...(databases.length > 0 ? { databases } : {}),
    ...(acceptSmaller ? { acceptSmaller } : {}),
  });
  if (record.result !== "success") throw new CliError(record.detail);
  session.show(record, () => summary(session, record));
}

function summary(session: Session, { databases = [], detail }: JobRecord): string {
  const rows = databases.map((one) => [
    ...[one.database, one.folder ?? "", size(one.bytes ?? 0), seconds(one.seconds)],
    one.source ?? "",
  ]);
  const first = databases.find(({ folder }) => folder);
  const next = first?.folder
    ? `\nTo restore one beside the database: ${session.command(`restore-dump ${word(first.folder)}`)}`
    : "";
  return `${table([["DATABASE", "ID", "SIZE", "TIME", "SOURCE"], ...rows])}\n${detail}${next}`;
}
