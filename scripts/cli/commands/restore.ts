import { InvalidArgumentError, Option } from "commander";
import { readRestoreOptions } from "../../../contract/restoreTarget";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { repositoryOption } from "../terminal/repositoryOption";
import { removeRestored, restoreServer } from "./restoreBeside";
import type * as Placing from "./restoreInPlace";
import { planned, type RestoreCommandOptions } from "./restorePlan";
import { planText } from "./restorePlanText";
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
  misuse: (options: RestoreCommandOptions) => misuseOfAnswer(options) ?? misuse(options),
  run,
};

async function run(session: Session, options: RestoreCommandOptions): Promise<void> {
  const { accept, undo, remove, yes, dryRun, delta, ...asked } = options;
  const answered = yes === undefined ? {} : { yes };
  if (remove) return removeRestored(session, yes);
  if (accept) return inPlace().acceptRestore(session, answered);
  if (undo) return inPlace().undoRestore(session, answered);
  if (dryRun) return showPlan(session, asked);
  if (!asked.inPlace) return restoreServer(session, asked);
  return inPlace().restoreInPlace(session, { ...asked, ...answered, ...(delta ? { delta } : {}) });
}

/** The Docker client loads slowly, and the help and a plan do without it. */
const inPlace = () => ({
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
  ...(require("./restoreInPlace") as typeof Placing),
  ...(require("./restoreUndo") as typeof Undoing),
  /* eslint-enable @typescript-eslint/no-require-imports */
});

/** Options that answer an earlier restore name no target. */
function misuseOfAnswer({ yes: _, ...options }: RestoreCommandOptions): string | undefined {
  const answer = (["remove", "accept", "undo"] as const).find((one) => options[one]);
  return answer !== undefined && Object.keys(options).length > 1
    ? `--${answer} goes with no other option than --yes`
    : undefined;
}

function misuse(options: RestoreCommandOptions): string | undefined {
  const { accept, undo, remove, yes, dryRun, delta, inPlace: place, port: at, database } = options;
  if (accept || undo || remove) return undefined;
  if (yes && (!place || dryRun)) return "--yes goes with --in-place, --accept, --undo or --remove";
  const read = readRestoreOptions(options);
  if ("problem" in read) return read.problem;
  if (delta && !place) return "--delta goes with --in-place, as in restore --in-place --delta";
  if (database !== undefined && at !== undefined) {
    return "--database and --port do not go together: no server stays";
  }
  return place && (database !== undefined || at !== undefined)
    ? "--port and --database go with a server beside the primary, and not with --in-place"
    : undefined;
}

async function showPlan(session: Session, options: RestoreCommandOptions): Promise<void> {
  const plan = await planned(session, options);
  for (const line of await unfinishedLines(session)) session.terminal.progress(line);
  session.show(plan, () => `${planText(plan)}\nThis is the plan. Nothing was changed.`);
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number >= 1 && number <= 65535) return number;
  throw new InvalidArgumentError("It must be the number of a port, such as 5499.");
}
