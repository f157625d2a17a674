import type { ListedDump } from "../../../contract/agentReplies";
import { age, moment, size, table } from "../terminal/format";
import type { Session } from "../session";

/** The dumps that are there; none is no error. */
export async function listDumps(
  session: Session,
  database: string | undefined,
  now = new Date(),
): Promise<void> {
  const dumps = await session.ask<ListedDump[]>("list-dumps", database ? { database } : {});
  session.show(dumps, () => {
    if (dumps.length > 0) return dumpTable(dumps, now);
    const whose = database ? ` of "${database}"` : "";
    return `There are no dumps${whose} yet; '${session.command("dump")}' makes one.`;
  });
}

export function dumpTable(dumps: readonly ListedDump[], now: Date): string {
  const rows = dumps.map(({ id, database, takenAt, bytes, source }) => [
    ...[id, database, moment(takenAt), age(takenAt, now), size(bytes), source],
  ]);
  return table([["ID", "DATABASE", "TAKEN", "AGE", "SIZE", "SOURCE"], ...rows]);
}
