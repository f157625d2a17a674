import { Argument } from "commander";
import type { ListedDump } from "../../../contract/agentReplies";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { age, moment, omitted, size } from "../terminal/format";
import { table } from "../terminal/table";
import { quoted } from "../../../contract/quoting";

export const listDumps: OperatorCommand = {
  name: "list-dumps",
  description: "list the dumps, the newest first",
  example: "list-dumps mfi_banking",
  documented: "docs/dumps.md#by-hand",
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
    if (dumps.length > 0) return [dumpTable(dumps, new Date()), ...notHeld(dumps)].join("\n");
    return database
      ? `There are no dumps of ${quoted(database)}; '${session.command("list-dumps")}' lists those of every database.`
      : `There are no dumps yet; '${session.command("dump")}' makes one.`;
  });
}

function dumpTable(dumps: readonly ListedDump[], now: Date): string {
  const rows = dumps.map(({ id, database, takenAt, future, bytes, source, ...dump }) => [
    ...[id, database, moment(takenAt), future ? "IN THE FUTURE" : age(takenAt, now)],
    ...[size(bytes), source, signedBy[dump.signature], dump.leftOut ? String(dump.leftOut) : ""],
  ]);
  const head = ["ID", "DATABASE", "TAKEN", "AGE", "SIZE", "SOURCE", "SIGNED BY", "LEFT OUT"];
  return table([head, ...rows]);
}

const shownOmissions = 10;

/** What the newest dump of each database does not hold. */
function notHeld(dumps: readonly ListedDump[]): string[] {
  return dumps.flatMap(({ id, omissions = [] }) => {
    const shown = omissions.slice(0, shownOmissions);
    const more = omissions.length - shown.length;
    return [
      ...shown.map((one) => omitted(`Not in ${id}`, one)),
      ...(more > 0 ? [`Not in ${id}: ${more} more, which verify-dump names.`] : []),
    ];
  });
}
