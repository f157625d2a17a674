import { InvalidArgumentError, Option } from "commander";
import { readRestoreOptions } from "../../../contract/restoreTarget";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { repositoryOption } from "../terminal/repositoryOption";
import { removeRestored, restoreServer } from "./restoreBeside";
import type * as Placing from "./restoreInPlace";
import { lostPrimaryOf, restoreLost } from "./restoreLost";
import { planned, type RestoreCommandOptions } from "./restorePlan";
import { planOnly, planText } from "./restorePlanText";
import type * as Undoing from "./restoreUndo";
import { unfinishedLines } from "./unfinishedLine";

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
    new Option("--delta", "with --in-place: overwrite the primary's data, and keep nothing"),
    new Option("--accept", "delete the data from before the last restore in place"),
    new Option("--undo", "put the data from before the last restore in place back"),
    new Option("--yes", "ask nothing"),
  ],
  misuse,
  run: restoreWhat,
};

async function restoreWhat(session: Session, options: RestoreCommandOptions): Promise<void> {
  const { accept, undo, remove, dryRun, yes, ...asked } = options;
  const answer = yes === undefined ? {} : { yes };
  if (remove) return removeRestored(session, yes);
  if (accept) return inPlace().acceptRestore(session, answer);
  if (undo) return inPlace().undoRestore(session, answer);
  const lost = await lostPrimaryOf(session);
  if (lost) return restoreLost(session, lost, { ...asked, ...(dryRun ? { dryRun } : {}) });
  if (dryRun) return showPlan(session, asked);
  if (asked.inPlace) return inPlace().restoreInPlace(session, { ...asked, ...answer });
  return restoreServer(session, asked);
}

/** The Docker client loads slowly, and the help and a plan do without it. */
const inPlace = () => ({
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
  ...(require("./restoreInPlace") as typeof Placing),
  ...(require("./restoreUndo") as typeof Undoing),
  /* eslint-enable @typescript-eslint/no-require-imports */
});

function misuse(options: RestoreCommandOptions): string | undefined {
  const { accept, undo, remove, dryRun, yes, delta, inPlace: placed, port: at, database } = options;
  const alone = accept ? "--accept" : undo ? "--undo" : remove ? "--remove" : undefined;
  if (alone !== undefined) {
    const others = Object.keys(options).filter((key) => key !== "yes").length > 1;
    return others ? `${alone} goes with no other option than --yes` : undefined;
  }
  const read = readRestoreOptions(options);
  if ("problem" in read) return read.problem;
  if (delta && !placed) return "--delta goes with --in-place, as in restore --in-place --delta";
  if (yes && (!placed || dryRun)) return "--yes goes with --in-place, --accept, --undo or --remove";
  if (placed && (at !== undefined || database !== undefined)) {
    return "--port and --database go with a server beside the primary, and not with --in-place";
  }
  if (database !== undefined && at !== undefined) {
    return "--database and --port do not go together: no server stays";
  }
  return undefined;
}

async function showPlan(session: Session, options: RestoreCommandOptions): Promise<void> {
  const plan = await planned(session, options);
  for (const line of await unfinishedLines(session)) session.terminal.progress(line);
  session.show(plan, () => `${planText(plan)}\n${planOnly}`);
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= 65535) return number;
  throw new InvalidArgumentError("It must be the number of a port, such as 5499.");
}
