import { backupSettings } from "./settings";
import type { MadeBackup } from "../../../contract/backupRecord";
import type { Context } from "../kit/context";
import { failureOf, pgBackRest } from "./command";

/** What the manifest of a backup says, and `info` does not in every version. */
export interface Manifest {
  /** The server whose files it holds. With `prefer`, pgBackRest may have changed its mind about the standby. */
  source: NonNullable<MadeBackup["source"]>;
  /** Whether pages with a wrong checksum were copied. */
  pageErrors: boolean;
}

/** Reads the manifest of a backup. */
export async function readManifest(
  context: Context,
  repository: number,
  label: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const { stanza } = backupSettings(context);
  const file = `backup/${stanza}/${label}/backup.manifest`;
  const ran = await pgBackRest(context, ["repo-get", `--repo=${repository}`, file], { signal });
  if (ran.code !== 0) throw failureOf(ran);
  return manifestIn(ran.stdout);
}

/** The same from its text. Older versions write y and n. */
export function manifestIn(text: string): Manifest {
  return {
    source: /^option-backup-standby=(?:true|"y"|y)$/m.test(text) ? "standby" : "primary",
    // Each file is a line: its path, `=`, and JSON.
    pageErrors: /=\{.*"checksum-page":false/.test(text),
  };
}
