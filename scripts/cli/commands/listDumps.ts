import { Argument } from "commander";
import type { ListedDump } from "../../../contract/agentReplies";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { age, moment, size } from "../terminal/format";
import { table } from "../terminal/table";

export const listDumps: OperatorCommand = {
  name: "list-dumps",
  description: "list the dumps, the newest first",
  arguments: [new Argument("[database]", "list the dumps of this database only")],
  run: listThem,
};

/** A changed dump is not restored, and one of unknown origin only after asking. */
const signedBy: Record<ListedDump["signature"], string> = {
  ours: "this stack",
  changed: "CHANGED",
  unknown: "unknown",
};

/** An empty list is a good answer too. */
async function listThem(session: Session, database: string | undefined): Promise<void> {
  const dumps = await session.ask<ListedDump[]>("list-dumps", database ? { database } : {});
  session.show(dumps, () => {
    if (dumps.length > 0) return dumpTable(dumps, new Date());
    const whose = database ? ` of "${database}"` : "";
    return `There are no dumps${whose} yet; '${session.command("dump")}' makes one.`;
  });
}

function dumpTable(dumps: readonly ListedDump[], now: Date): string {
  const rows = dumps.map(({ id, database, takenAt, bytes, source, signature }) => [
    ...[id, database, moment(takenAt), age(takenAt, now), size(bytes), source],
    signedBy[signature],
  ]);
  return table([["ID", "DATABASE", "TAKEN", "AGE", "SIZE", "SOURCE", "SIGNED BY"], ...rows]);
}
