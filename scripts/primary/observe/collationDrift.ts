import { runAt } from "./run";
import { containerName } from "../../../contract/names";
import type { StackConfig } from "./place";

const limit = 3000;

/**
 * Standbys of an external primary whose text indexes were not checked since their last clone, a
 * sentence by step (`collation-<standby>`). A standby that does not answer or has no clone yet is omitted.
 */
export async function collationDrift(
  { primary, standbys, dockerHost }: Pick<StackConfig, "primary" | "standbys" | "dockerHost">,
  prefix: string,
): Promise<Record<string, string>> {
  if (primary.kind === "managed") return {};
  const found = await Promise.all(
    standbys.map(async ({ name, dockerHost: own }) => {
      const engine = own ?? dockerHost;
      const container = containerName(prefix, name);
      const line = await health({ container, ...(engine ? { engine } : {}) });
      return line && isUnchecked(line)
        ? [
            [
              `collation-${name}`,
              `the text indexes of ${name} were not checked since it was cloned`,
            ],
          ]
        : [];
    }),
  );
  return Object.fromEntries(found.flat()) as Record<string, string>;
}

/** Whether a standby's health line says that it follows the primary, unchecked. */
export function isUnchecked(line: string): boolean {
  try {
    const { state, order, checked } = JSON.parse(line) as Record<string, string | undefined>;
    return state === "running" && order === "unverified" && checked === undefined;
  } catch {
    return false;
  }
}

async function health(where: { container: string; engine?: string }): Promise<string | undefined> {
  const signal = AbortSignal.timeout(limit);
  try {
    return (await runAt({ kind: "container", ...where }, "laterbase-health\n", signal)).stdout;
  } catch {
    return undefined;
  }
}
