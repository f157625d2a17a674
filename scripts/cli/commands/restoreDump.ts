import { chooseDump } from "../../../contract/chooseDump";
import type { ListedDump, Restored } from "../../../contract/agentReplies";
import { CliError } from "../terminal/cliError";
import { count, moment, seconds } from "../terminal/format";
import type { Session } from "../session";
import { superuserOf } from "../stack/outputs";

export interface RestoreOptions {
  as?: string;
  inPlace?: boolean;
  yes?: boolean;
  createRoles?: boolean;
  keepDifferent?: boolean;
}

/** Restores a dump beside what is there or, when told so twice, in its place. */
export async function restoreDump(
  session: Session,
  wanted: string,
  { yes = false, ...options }: RestoreOptions,
): Promise<void> {
  if (options.inPlace && options.keepDifferent) {
    throw new CliError("--keep-different is for a new name: leave --in-place out.", 2);
  }
  if (options.inPlace && !yes && !session.terminal.ask) {
    throw new CliError("--in-place asks on a terminal, and there is none: say --yes.", 2);
  }
  const superuser = superuserOf(session.stack, await session.stackOutputs());
  const dump = options.inPlace && !yes ? await confirmed(session, wanted, options.as) : wanted;
  const restored = await session.ask<Restored>("restore-dump", { ...options, dump, superuser });
  session.show(restored, () => summary(restored));
  if (restored.differences.length > 0) {
    throw new CliError(`"${restored.database}" is not what was dumped, and was kept as you asked.`);
  }
}

/** Names the dump and the database that it will replace, and takes the latter's name for a yes. */
async function confirmed(
  session: Session,
  wanted: string,
  as: string | undefined,
): Promise<string> {
  const { id, database, takenAt } = await choose(session, wanted);
  const target = as ?? database;
  const answer = await session.terminal.ask?.(
    `This puts "${database}" as of ${moment(takenAt)} in the place of the database "${target}",\n` +
      "ends its connections, and keeps what is there now under another name.\n" +
      "Type the database's name to go on: ",
  );
  if (answer?.trim() !== target.trim()) throw new CliError("Nothing was restored.");
  // Not what was typed: meanwhile there may be a later dump.
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
    `"${database}" holds "${restored.source}" of ${moment(restored.takenAt)}, restored in ${seconds(restored.seconds)}.`,
    differences.length === 0
      ? `Compared with what was dumped, all is equal: ${contents.join(", ")}.`
      : `Compared with what was dumped, this differs: ${differences.join("; ")}.`,
    ...restored.leftOut.map(({ what, why }) => `Not in the dump: ${what}, because ${why}.`),
    ...restored.createdRoles.map((role) => `The role "${role}" was made; it cannot log in.`),
    ...restored.notes,
    ...(replaced
      ? [
          `The name took no connections for ${seconds(replaced.seconds)}; ${count(replaced.evicted, "connection")} had to be ended.`,
          `What was there before is kept as "${replaced.kept}". When you need it no longer:`,
          `  ${dropStatement(replaced.kept)}`,
        ]
      : [
          "The database that was dumped is untouched. To remove this one:",
          `  ${dropStatement(database)}`,
        ]),
  ].join("\n");
}

function dropStatement(database: string): string {
  return `DROP DATABASE "${database.replace(/"/g, '""')}";`;
}
