import { backupSettings } from "./settings";
import type { MadeBackup } from "../../../contract/backupRecord";
import type { Context } from "../kit/context";
import { failureOf, pgBackRest } from "./command";

/**
 * Which server's files a backup holds. Its manifest says whether pgBackRest really read the standby: with
 * `prefer` it may have changed its mind.
 */
export async function sourceOf(
  context: Context,
  repository: number,
  label: string,
  signal: AbortSignal,
): Promise<MadeBackup["source"]> {
  const { stanza } = backupSettings(context);
  const file = `backup/${stanza}/${label}/backup.manifest`;
  const ran = await pgBackRest(context, ["repo-get", `--repo=${repository}`, file], { signal });
  if (ran.code !== 0) throw failureOf(ran);
  return sourceIn(ran.stdout);
}

/** The same from a manifest's text. Older versions write y and n. */
export function sourceIn(manifest: string): MadeBackup["source"] {
  return /^option-backup-standby=(?:true|"y"|y)$/m.test(manifest) ? "standby" : "primary";
}
