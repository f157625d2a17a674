import type { RestorePlanReply } from "../../../contract/restorePlan";
import type { RestoreOptions } from "../../../contract/restoreTarget";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { type ShownPlan, whatStops } from "./restorePlanText";

/** The options of `restore`. */
export type RestoreCommandOptions = RestoreOptions & {
  dryRun?: boolean;
  repo?: number;
  port?: number;
  database?: string;
  remove?: boolean;
  delta?: boolean;
  accept?: boolean;
  undo?: boolean;
  yes?: boolean;
};

/**
 * How a restore goes to its target.
 *
 * @throws CliError with code 4 where there is no way
 */
export async function planned(
  session: Session,
  { port: _, database: __, ...options }: RestoreCommandOptions,
): Promise<ShownPlan> {
  const reply = await session.askBackups<RestorePlanReply>("restore-plan", { ...options });
  if ("refused" in reply) throw new CliError(reply.refused.sentence, 4);
  const stops = whatStops(await session.stackOutputs(), options.inPlace === true);
  return { ...reply.plan, stops };
}
