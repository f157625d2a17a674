import { look } from "./run";
import { containerName } from "../../../contract/names";
import type { StackConfig } from "./observe";

const limit = 3000;

/**
 * Standbys of somebody else's primary whose text indexes were not checked since they were cloned: a
 * sentence by step. One that does not answer, or has no clone yet, says nothing.
 */
export async function orderDrift(
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
        ? [[`order-${name}`, `the text indexes of ${name} were not checked since it was cloned`]]
        : [];
    }),
  );
  return Object.fromEntries(found.flat()) as Record<string, string>;
}

/** Whether a standby's health line says that it follows, and that nobody has checked its order. */
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
    return (await look({ kind: "container", ...where }, "laterbase-health\n", signal)).stdout;
  } catch {
    return undefined;
  }
}
