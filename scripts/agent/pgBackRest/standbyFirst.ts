import { pgBackRestFeatures } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { meaningOf, exitCode } from "../../../contract/pgBackRestExits";
import { whyNoServer } from "./servers";
import type { Ran } from "./command";

/** pgBackRest's `backup-standby`. With `n` it copies the primary's files. */
export type BackupStandby = "prefer" | "y" | "n";

/** How a backup is tried, one after the other. The last one reads the primary. */
export function attemptsOf({ config }: Pick<Context, "config">): BackupStandby[] {
  const { standby } = pgBackRestFeatures(config.major);
  if (config.backups?.standby === undefined || standby === "n") return ["n"];
  return [standby, "n"];
}

/** What these codes say of a run that reads the standby: the primary can still be read. */
const standbyFailed: readonly number[] = [
  exitCode.dbQuery,
  exitCode.dbMismatch,
  exitCode.archiveTimeout,
];

/**
 * Why a backup that failed on the standby is tried again on the primary. Undefined: the primary would not
 * help.
 */
export async function whyPrimary(context: Context, { code }: Ran): Promise<string | undefined> {
  if (standbyFailed.includes(code)) {
    return `The standby could not be used (${meaningOf(code).means.toLowerCase()} [${code}]).`;
  }
  if (code !== exitCode.dbConnect) return undefined;
  const { standbyAway, sentence } = await whyNoServer(context);
  return standbyAway ? sentence : undefined;
}
