import { Argument, Option } from "commander";
import type { ListedDump, Restored } from "../../../contract/agentReplies";
import { chooseDump } from "../../../contract/chooseDump";
import type { RestoreRequest } from "../../../contract/agentRequests";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { superuserOf } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { count, moment, seconds } from "../terminal/format";

export const restoreDump: OperatorCommand = {
  name: "restore-dump",
  description: "restore a dump into a new database and compare it with the dump",
  arguments: [new Argument("<dump>", "the dump's id, or a database for its latest dump")],
  options: [
    new Option("--as <name>", "the new database's name; with --in-place, the one to replace"),
    new Option("--in-place", "replace the database; the old one stays under another name"),
    new Option("--yes", "replace without asking"),
    new Option("--create-roles", "create the roles that the server lacks, without a login"),
    new Option("--keep-different", "keep the new database even when it differs from the dump"),
  ],
  run: restore,
};

type RestoreOptions = Omit<RestoreRequest, "dump" | "superuser"> & { yes?: boolean };

/** Replaces a database only when the operator asked for that and confirmed it. */
async function restore(
  session: Session,
  wanted: string,
  { yes = false, ...options }: RestoreOptions,
): Promise<void> {
  if (options.inPlace && options.keepDifferent) {
    throw new CliError("--keep-different does not go together with --in-place.", 2);
  }
  if (options.inPlace && !yes && !session.terminal.ask) {
    throw new CliError(
      "--in-place asks before it replaces a database, but there is no terminal: add --yes.",
      2,
    );
  }
  const superuser = superuserOf(session.stack, await session.stackOutputs());
  const dump = options.inPlace && !yes ? await confirmed(session, wanted, options.as) : wanted;
  const request: RestoreRequest = { ...options, dump, superuser };
  const restored = await session.ask<Restored>("restore-dump", { ...request });
  session.show(restored, () => summary(restored));
  if (restored.differences.length > 0) {
    throw new CliError(`"${restored.database}" differs from the dump; it was kept, as you asked.`);
  }
}

/** Shows the dump and the database that it will replace. The operator confirms with that name. */
async function confirmed(
  session: Session,
  wanted: string,
  as: string | undefined,
): Promise<string> {
  const { id, database, takenAt } = await choose(session, wanted);
  const target = as ?? database;
  const answer = await session.terminal.ask?.(
    `This replaces the database "${target}" with the dump of "${database}" of ${moment(takenAt)}.\n` +
      "It ends the connections to the database, and keeps the present one under another name.\n" +
      "Type the database's name to continue: ",
  );
  if (answer?.trim() !== target.trim()) throw new CliError("Nothing was restored.");
  // The dump that was shown: by now there may be a later one.
  return id;
}

async function choose(session: Session, wanted: string): Promise<ListedDump> {
  const chosen = chooseDump(await session.ask<ListedDump[]>("list-dumps", {}), wanted);
  if ("problem" in chosen) throw new CliError(chosen.problem);
  return chosen.dump;
}

function summary(restored: Restored): string {
  const { database, replaced, differences } = restored;
  const contents = [
    count(restored.tables, "table"),
    count(restored.rows, "row"),
    count(restored.largeObjects, "large object"),
  ];
  return [
    `"${database}" now holds "${restored.source}" of ${moment(restored.takenAt)}; the restore took ${seconds(restored.seconds)}.`,
    differences.length === 0
      ? `It equals the dump: ${contents.join(", ")}.`
      : `It differs from the dump: ${differences.join("; ")}.`,
    ...restored.omissions.map(({ what, why }) => `Not in the dump: ${what}, because ${why}.`),
    ...restored.createdRoles.map((role) => `The role "${role}" was created; it cannot log in.`),
    ...restored.notes,
    ...(replaced
      ? [
          `The database accepted no connections for ${seconds(replaced.seconds)}; ${ended(replaced.evicted)}.`,
          `The old database is now "${replaced.kept}". To delete it:`,
          `  ${dropStatement(replaced.kept)}`,
        ]
      : [
          "The database that was dumped is unchanged. To delete the new one:",
          `  ${dropStatement(database)}`,
        ]),
  ].join("\n");
}

function ended(connections: number): string {
  return `${count(connections, "connection")} ${connections === 1 ? "was" : "were"} ended`;
}

function dropStatement(database: string): string {
  return `DROP DATABASE "${database.replace(/"/g, '""')}";`;
}
