import { Argument, Option } from "commander";
import type { ListedDump, Restored, Verified } from "../../../contract/agentReplies";
import { chooseDump } from "../../../contract/chooseDump";
import { receivedDump } from "../../../contract/receivedDump";
import type { RestoreRequest } from "../../../contract/agentRequests";
import type { OperatorCommand } from "../operatorCommand";
import { localDump } from "../servers/localDump";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { moment } from "../terminal/format";
import { restoreSummary } from "./restoreSummary";
import { quoted } from "../../../contract/quoting";

export const restoreDump: OperatorCommand = {
  name: "restore-dump",
  description: "restore a dump into a new database and compare it with the dump",
  example: "restore-dump mfi_banking --as as_it_was",
  documented: "docs/dumps.md#by-hand",
  exits: { 3: "it was restored, and lacks objects that could not be made" },
  arguments: [new Argument("[dump]", "the dump's id, or a database for its latest dump")],
  options: [
    new Option("--file <path>", "restore a dump of another place: its folder, or its archive"),
    new Option("--newer-major", "restore it into a server of a newer major than the dump's"),
    new Option("--as <name>", "the new database's name; with --in-place, the one to replace"),
    new Option("--in-place", "replace the database; the old one stays under another name"),
    new Option("--yes", "ask nothing: replace the database, accept a dump of unknown origin"),
    new Option("--create-roles", "create the roles that the server lacks, without a login"),
    new Option("--keep-different", "keep the new database even when it differs from the dump"),
    new Option("--strict", "end at the first object that cannot be made, and keep nothing"),
    new Option("--accept-missing", "with --in-place: replace it although objects are missing"),
    new Option("--name-first", "with --in-place: fill the new one under the name itself"),
  ],
  misuse: (wanted: string | undefined, { file }: { file?: string }) =>
    (wanted === undefined) === (file === undefined)
      ? "name a dump, or the path of one with --file, and not both"
      : undefined,
  run: restoreFromAnywhere,
};

type RestoreOptions = Omit<RestoreRequest, "dump" | "superuser"> & { yes?: boolean };

/** Restores a dump of the stack, or one of this machine, which the agent then holds for a while. */
async function restoreFromAnywhere(
  session: Session,
  wanted: string | undefined,
  { file, ...options }: RestoreOptions & { file?: string },
): Promise<void> {
  if (wanted !== undefined) return restore(session, wanted, options);
  const dump = await localDump(file ?? "");
  await session.withSent(dump, (id) => restore(session, id, options));
}

/** Replaces a database only when the operator asked for that and confirmed it. */
async function restore(
  session: Session,
  wanted: string,
  { yes = false, ...options }: RestoreOptions,
): Promise<void> {
  if (options.inPlace && options.keepDifferent) {
    throw new CliError("--keep-different does not go together with --in-place.", 2);
  }
  for (const [flag, given] of [
    ["--accept-missing", options.acceptMissing],
    ["--name-first", options.nameFirst],
  ] as const) {
    if (given && !options.inPlace) throw new CliError(`${flag} needs --in-place.`, 2);
  }
  if (options.strict && options.acceptMissing) {
    throw new CliError("--accept-missing does not go together with --strict.", 2);
  }
  if (options.inPlace && !yes && !session.terminal.ask) {
    throw new CliError(
      "--in-place asks before it replaces a database, but there is no terminal: add --yes.",
      2,
    );
  }
  const outputs = await session.stackOutputs();
  const superuser = await session.superuser();
  const dump = yes
    ? { dump: wanted, acceptUnknown: true }
    : await confirmed(session, wanted, options);
  const request: RestoreRequest = { ...options, ...dump, superuser };
  const restored = await session.ask<Restored>("restore-dump", { ...request });
  session.show(restored, () => restoreSummary(restored, session, outputs, superuser.name));
  // The summary says everything.
  if (restored.missing.length > 0) throw new CliError("", 3);
  if (restored.differences.length > 0) {
    throw new CliError(
      `${quoted(restored.database)} differs from the dump; it was kept, as you asked.`,
    );
  }
}

/**
 * Asks before a database is replaced, and before a dump is restored that this stack did not sign: it
 * holds SQL that a superuser runs.
 */
async function confirmed(
  session: Session,
  wanted: string,
  { as, inPlace, nameFirst }: RestoreOptions,
): Promise<Pick<RestoreRequest, "dump" | "acceptUnknown">> {
  if (receivedDump.tokenOf(wanted) !== undefined) {
    return confirmedSent(session, wanted, as, inPlace);
  }
  const chosen = chooseDump(await session.ask<ListedDump[]>("list-dumps", {}), wanted);
  if ("problem" in chosen) {
    // The agent knows more: why a folder is not a dump.
    if (!inPlace) return { dump: wanted };
    throw new CliError(chosen.problem);
  }
  const { dump } = chosen;
  // Without a question: the agent takes the latest dump itself. Otherwise the one that was shown.
  if (!inPlace && dump.signature !== "unknown") return { dump: wanted };
  if (dump.signature === "unknown") await acceptUnknown(session, dump);
  if (inPlace) await acceptReplacing(session, dump, as, nameFirst);
  return { dump: dump.id, ...(dump.signature === "unknown" ? { acceptUnknown: true } : {}) };
}

/** The same for a dump that was sent: the agent reads it, and says who signed it. */
async function confirmedSent(
  session: Session,
  id: string,
  as: string | undefined,
  inPlace: boolean | undefined,
): Promise<Pick<RestoreRequest, "dump" | "acceptUnknown">> {
  const dump = await session.ask<Verified>("verify-dump", { dump: id });
  const isUnknown = dump.signature === "unknown";
  if (isUnknown) await acceptUnknown(session, dump);
  if (inPlace) await acceptReplacing(session, dump, as);
  return { dump: id, ...(isUnknown ? { acceptUnknown: true } : {}) };
}

type Named = Pick<ListedDump, "id" | "database" | "takenAt">;

async function acceptUnknown({ terminal }: Session, dump: Named): Promise<void> {
  if (!terminal.ask) {
    throw new CliError(
      `This stack did not sign ${dump.id}, and there is no terminal to ask whether you trust it: add --yes if you do.`,
      2,
    );
  }
  const answer = await terminal.ask(
    `This stack did not sign the dump of ${quoted(dump.database)} of ${moment(dump.takenAt)}: an older version wrote it,\n` +
      "another stack, or somebody with access to the folder of the dumps. A superuser runs the SQL in it.\n" +
      "Type yes if you know where it is from: ",
  );
  if (answer.trim() !== "yes") throw new CliError("Nothing was restored.");
}

/** Shows the dump and the database that it will replace. The operator confirms with that name. */
async function acceptReplacing(
  { terminal }: Session,
  { database, takenAt }: Named,
  as: string | undefined,
  nameFirst = false,
): Promise<void> {
  const target = as ?? database;
  const answer = await terminal.ask?.(
    `This replaces the database ${quoted(target)} with the dump of ${quoted(database)} of ${moment(takenAt)}.\n` +
      "It ends the connections to the database, and keeps the present one under another name.\n" +
      (nameFirst ? "Nobody can connect to it until the restore is done.\n" : "") +
      "Type the database's name to continue: ",
  );
  // Somebody may type it as it is shown.
  if (![target.trim(), quoted(target)].includes(answer?.trim() ?? ""))
    throw new CliError("Nothing was restored.");
}
