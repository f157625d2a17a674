import { Argument, Option } from "commander";
import type { DeletedDump, ListedDump } from "../../../contract/agentReplies";
import { quoted } from "../../../contract/quoting";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { moment, size } from "../terminal/format";

export const deleteDump: OperatorCommand = {
  name: "delete-dump",
  description: "delete one dump before its time, after asking; uploaded copies of it stay",
  arguments: [new Argument("<dump>", "the dump's id, as list-dumps shows it")],
  options: [
    new Option("--yes", "ask nothing"),
    new Option("--force", "delete it even if it is the newest good dump of its database"),
  ],
  example: "delete-dump mfi_banking/20261121T030000Z",
  documented: "docs/dumps.md#deleting-a-dump",
  exits: { 4: "it is the newest good dump of its database, and stays without --force" },
  run: remove,
};

async function remove(
  session: Session,
  wanted: string,
  { yes = false, force = false }: { yes?: boolean; force?: boolean },
): Promise<void> {
  const id = wanted.replace(/\/+$/, "");
  const dumps = await session.ask<ListedDump[]>("list-dumps", {});
  const dump = dumps.find((one) => one.id === id);
  // A folder that is no good dump is not listed, and may be deleted by its id.
  if (!dump && !id.includes("/")) throw notAnId(id, dumps);
  const newest = dump && newestGood(dumps, dump.database);
  if (newest && newest.id === dump.id && !force) throw refused(dump, dumps);
  const what = dump
    ? `the dump ${id} of ${quoted(dump.database)} of ${moment(dump.takenAt)}, ${size(dump.bytes)},`
    : `the folder ${id} of the dumps, which is not used as a dump,`;
  await session.confirm(`This deletes ${what} for good.\nType yes to go on: `, "yes", yes);
  const deleted = await session.ask<DeletedDump>("delete-dump", { dump: id, force });
  session.show(
    deleted,
    () => `Deleted ${deleted.id}, ${size(deleted.bytes)}. Copies of it off site stay.`,
  );
}

/** list-dumps has the newest first. A changed dump is never restored, so it is no good one. */
function newestGood(dumps: readonly ListedDump[], database: string): ListedDump | undefined {
  return dumps.find((one) => one.database === database && one.signature !== "changed");
}

function refused({ id, database }: ListedDump, dumps: readonly ListedDump[]): CliError {
  const others = dumps.filter((one) => one.database === database).length - 1;
  const only = others === 0 ? "only" : "newest";
  return new CliError(
    `${id} is the ${only} good dump of ${quoted(database)}, so it stays; --force deletes it all the same.`,
    4,
  );
}

function notAnId(typed: string, dumps: readonly ListedDump[]): CliError {
  const one = dumps.find(({ database }) => database === typed);
  const such = one ? `, such as ${one.id}` : "";
  return new CliError(`${quoted(typed)} is no dump's id: name one dump by its id${such}.`, 2);
}
