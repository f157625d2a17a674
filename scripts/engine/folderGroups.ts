import type Docker from "dockerode";
import { runAsRoot } from "./rootScript";

/** Ends with 0 where a file keeps its group and its mode, with 1 where not, with 2 where none can be made. */
export const groupScript = `set -euo pipefail
file=$(mktemp "$1/.laterbase-XXXXXX" 2>/dev/null) || exit 2
trap 'rm -f "$file"' EXIT
{ chown 999:12345 "$file" && chmod 0640 "$file"; } 2>/dev/null || exit 1
[ "$(stat -c %g:%a "$file")" = 12345:640 ] || exit 1`;

/**
 * Whether files in a folder of the engine's machine can belong to a group: not on exFAT, nor on a
 * share that fixes owner and mode. Undefined where the folder does not exist yet, or cannot be written.
 * It makes one empty file there and removes it.
 */
export async function knowsGroups(
  engine: Docker,
  image: string,
  folder: string,
): Promise<boolean | undefined> {
  const target = "/folder";
  const run = { image, script: groupScript, words: [target], mounts: [{ folder, target }] };
  const capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER"];
  try {
    const { code } = await runAsRoot(engine, { ...run, capabilities });
    return code > 1 ? undefined : code === 0;
  } catch (error) {
    // The engine refuses a mount whose source does not exist.
    if ((error as { statusCode?: number }).statusCode === 400) return undefined;
    throw error;
  }
}
