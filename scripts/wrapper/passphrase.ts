import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandLine } from "./commandLine";
import type { Output } from "./output";

/**
 * Gives Pulumi the passphrase of the stack's secrets where its environment has none: a person types it, as for
 * Pulumi itself. It stays in this process and in Pulumi's.
 *
 * @returns why Pulumi could not begin, in one sentence. Undefined: it can
 */
export async function needPassphrase(
  line: Pick<CommandLine, "stack" | "flags">,
  output: Pick<Output, "askHidden">,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  // Pulumi takes an empty passphrase, too.
  if (env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || env["PULUMI_CONFIG_PASSPHRASE_FILE"]) {
    return undefined;
  }
  if (!hasPassphrase(stackFileOf(line))) return undefined;
  if (!output.askHidden) {
    return `the secrets of stack ${line.stack} have a passphrase: set PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it, or PULUMI_CONFIG_PASSPHRASE.`;
  }
  env["PULUMI_CONFIG_PASSPHRASE"] = await output.askHidden(
    `Passphrase of stack ${line.stack} (PULUMI_CONFIG_PASSPHRASE): `,
  );
  return undefined;
}

/** The stack's file: the one that is named, or the checkout's. */
export function stackFileOf({ stack, flags }: Pick<CommandLine, "stack" | "flags">): string {
  const at = flags.indexOf("--config-file");
  const inline = flags.find((flag) => flag.startsWith("--config-file="));
  const named = at >= 0 ? flags[at + 1] : inline?.slice("--config-file=".length);
  return resolve(named ?? `Pulumi.${stack.split("/").at(-1)}.yaml`);
}

/** Another provider of secrets, such as a cloud's, has no salt in the file. */
function hasPassphrase(file: string): boolean {
  try {
    return /^encryptionsalt:/m.test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
}
