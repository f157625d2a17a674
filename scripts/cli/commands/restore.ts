import { Option } from "commander";
import type { RestorePlanReply } from "../../../contract/restorePlan";
import { readRestoreOptions } from "../../../contract/restoreTarget";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { repositoryOption } from "../terminal/repositoryOption";
import type * as Placing from "./restoreInPlace";
import type { InPlaceOptions } from "./restoreInPlacePlan";
import { planText, whatStops } from "./restorePlanText";
import type * as Undoing from "./restoreUndo";
import { unfinishedLines } from "./unfinishedLine";

export const restore: OperatorCommand = {
  name: "restore",
  description: "show how a restore of the whole server would go back to a moment",
  example: "restore --dry-run --to-time 2026-11-29T12:00",
  documented: "docs/backups.md#plan-a-restore",
  exits: { 4: "the target cannot be reached: the sentence on standard error says why" },
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
    new Option("--delta", "with --in-place: overwrite the primary's data, and keep nothing"),
    new Option("--accept", "delete the data from before the last restore in place"),
    new Option("--undo", "put the data from before the last restore in place back"),
    new Option("--yes", "ask nothing"),
  ],
  misuse: (options: RestoreCommandOptions) => {
    const answer = misuseOfAnswer(options);
    if (answer !== undefined) return answer;
    const read = readRestoreOptions(options);
    if ("problem" in read) return read.problem;
    const { accept, undo, dryRun, delta, inPlace } = options;
    if (delta && !inPlace) return "--delta goes with --in-place, as in restore --in-place --delta";
    return accept || undo || dryRun || inPlace
      ? undefined
      : "restore only shows its plan as yet: add --dry-run";
  },
  run: (session: Session, options: RestoreCommandOptions) => {
    const { accept, undo, dryRun, ...asked } = options;
    if (accept) return inPlace().acceptRestore(session, asked);
    if (undo) return inPlace().undoRestore(session, asked);
    return asked.inPlace && !dryRun
      ? inPlace().restoreInPlace(session, asked)
      : showPlan(session, options);
  },
};

/** The Docker client loads slowly, and the help and a plan do without it. */
const inPlace = () => ({
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS */
  ...(require("./restoreInPlace") as typeof Placing),
  ...(require("./restoreUndo") as typeof Undoing),
  /* eslint-enable @typescript-eslint/no-require-imports */
});

type RestoreCommandOptions = InPlaceOptions & {
  dryRun?: boolean;
  accept?: boolean;
  undo?: boolean;
};

/** Options that answer a restore in place name no target. */
function misuseOfAnswer({ yes, ...options }: RestoreCommandOptions): string | undefined {
  const answer = options.accept ? "--accept" : options.undo ? "--undo" : undefined;
  if (answer !== undefined && Object.keys(options).length > 1) {
    return `${answer} goes with no other option than --yes, as in restore ${answer}`;
  }
  return yes && answer === undefined && (!options.inPlace || options.dryRun)
    ? "--yes goes with --in-place, --accept or --undo"
    : undefined;
}

async function showPlan(
  session: Session,
  { dryRun: _, delta: __, ...options }: RestoreCommandOptions,
): Promise<void> {
  const reply = await session.askBackups<RestorePlanReply>("restore-plan", { ...options });
  if ("refused" in reply) throw new CliError(reply.refused.sentence, 4);
  const stops = whatStops(await session.stackOutputs(), options.inPlace === true);
  const plan = { ...reply.plan, stops };
  for (const line of await unfinishedLines(session)) session.terminal.progress(line);
  session.show(plan, () => `${planText(plan)}\nThis is the plan. Nothing was changed.`);
}
