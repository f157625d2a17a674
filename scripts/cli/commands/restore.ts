import { InvalidArgumentError, Option } from "commander";
import { readRestoreOptions } from "../../../contract/restoreTarget";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { repositoryOption } from "../terminal/repositoryOption";
import { removeRestored, restoreServer } from "./restoreBeside";
import { lostPrimaryOf, restoreLost } from "./restoreLost";
import { planned, type RestoreCommandOptions } from "./restorePlan";
import { planOnly, planText } from "./restorePlanText";

export const restore: OperatorCommand = {
  name: "restore",
  description: "restore the whole server as it was at a moment, beside the primary",
  example: "restore --to-time 2026-11-29T12:00",
  documented: "docs/backups.md#first-restore",
  exits: {
    1: "it failed, and nothing of the restore is left",
    4: "it was refused before it began: the sentence on standard error says why",
  },
  options: [
    new Option("--dry-run", "show the plan, and change nothing"),
    new Option("--to-time <time>", "the state at a time, by default in laterbase:timeZone"),
    new Option("--to-xid <number>", "the state after a transaction"),
    new Option("--to-lsn <lsn>", "the state at a place in the WAL"),
    new Option("--to-name <name>", "the state at a restore point"),
    new Option("--immediate", "the state at the end of the backup"),
    new Option("--set <label>", "begin with this backup; by default the newest one that fits"),
    new Option("--timeline <number>", "go along this timeline; by default the primary's"),
    new Option("--in-place", "replace the primary's data; by default a server beside it"),
    repositoryOption(),
    new Option("--port <number>", "where the server beside the primary listens").argParser(port),
    new Option("--database <name>", "dump this database into a file, and keep no server"),
    new Option("--remove", "remove the server beside the primary, with its data"),
    new Option("--yes", "with --remove: ask nothing"),
  ],
  misuse,
  run: async (session: Session, { remove, yes, ...given }: RestoreCommandOptions) => {
    if (remove) return removeRestored(session, yes);
    const lost = await lostPrimaryOf(session);
    if (lost) return restoreLost(session, lost, given);
    const { dryRun, ...options } = given;
    return dryRun ? showPlan(session, options) : restoreServer(session, options);
  },
};

function misuse({ dryRun, remove, yes, ...options }: RestoreCommandOptions): string | undefined {
  const given = Object.keys(options).length > 0 || dryRun === true;
  if (remove) return given ? "--remove goes with no other option than --yes" : undefined;
  if (yes) return "--yes goes with --remove";
  const read = readRestoreOptions(options);
  if ("problem" in read) return read.problem;
  if (options.database !== undefined && options.port !== undefined) {
    return "--database and --port do not go together: no server stays";
  }
  if (!options.inPlace || dryRun) return undefined;
  return "--in-place only shows its plan as yet: add --dry-run";
}

async function showPlan(session: Session, options: RestoreCommandOptions): Promise<void> {
  const plan = await planned(session, options);
  session.show(plan, () => `${planText(plan)}\n${planOnly}`);
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= 65535) return number;
  throw new InvalidArgumentError("It must be the number of a port, such as 5499.");
}
