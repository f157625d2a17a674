import { Option } from "commander";
import type { RestorePlanReply } from "../../../contract/restorePlan";
import { readRestoreOptions, type RestoreOptions } from "../../../contract/restoreTarget";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { repositoryOption } from "../terminal/repositoryOption";
import { lostPrimaryOf, restoreLost } from "./restoreLost";
import { planText, whatStops } from "./restorePlanText";

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
  ],
  misuse: (options: RestoreCommandOptions) => {
    const read = readRestoreOptions(options);
    if ("problem" in read) return read.problem;
    return undefined;
  },
  run: restoreServer,
};

type RestoreCommandOptions = RestoreOptions & { dryRun?: boolean; repo?: number };

async function restoreServer(session: Session, options: RestoreCommandOptions): Promise<void> {
  const lost = await lostPrimaryOf(session);
  if (lost) return restoreLost(session, lost, options);
  return showPlan(session, options);
}

async function showPlan(
  session: Session,
  { dryRun, ...options }: RestoreCommandOptions,
): Promise<void> {
  if (!dryRun) throw new CliError("restore only shows its plan as yet: add --dry-run", 2);
  const reply = await session.askBackups<RestorePlanReply>("restore-plan", { ...options });
  if ("refused" in reply) throw new CliError(reply.refused.sentence, 4);
  const stops = whatStops(await session.stackOutputs(), options.inPlace === true);
  const plan = { ...reply.plan, stops };
  session.show(plan, () => planText(plan));
}
