import { runAt } from "./run";
import { containerName } from "../../../contract/names";
import type { StackConfig } from "./place";

const limit = 3000;

// An image of an earlier release does not know `look`.
const script = "laterbase-collation look 2>/dev/null || laterbase-health\n";

/**
 * Standbys of an external primary whose text indexes have to be checked or counted again, a sentence by step
 * (`collation-<standby>`). A standby that does not answer or has no clone yet is omitted.
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
      const line = await look({ container, ...(engine ? { engine } : {}) });
      const sentence = line && dueCheck(name, line);
      return sentence ? [[`collation-${name}`, sentence]] : [];
    }),
  );
  return Object.fromEntries(found.flat()) as Record<string, string>;
}

/** What a standby's look says about itself. */
interface Look {
  due?: "" | "cloned" | "unchecked" | "retry" | "changed";
  unchecked?: number;
  open?: number;
}

/**
 * Why a standby's check is due, by what `laterbase-collation look` said, or `laterbase-health` where there was
 * no look. Undefined when it is not due.
 */
export function dueCheck(standby: string, line: string): string | undefined {
  const cloned = `the text indexes of ${standby} were not checked since it was cloned`;
  try {
    const said = JSON.parse(line) as Look & Record<string, string | undefined>;
    const { due, unchecked = 0, open = 0 } = said;
    if (due === undefined) return isUnchecked(said) ? cloned : undefined;
    return {
      "": undefined,
      cloned,
      unchecked: `text indexes of ${standby} that were not checked yet: ${unchecked}`,
      retry: `text indexes or databases of ${standby} that could not be checked a day ago: ${open}`,
      changed: `text indexes of ${standby} were added or dropped since they were checked`,
    }[due];
  } catch {
    return undefined;
  }
}

/** Whether a health line says that the standby follows the primary, unchecked. */
function isUnchecked({ state, order, checked }: Record<string, string | undefined>): boolean {
  return state === "running" && order === "unverified" && checked === undefined;
}

async function look(where: { container: string; engine?: string }): Promise<string | undefined> {
  const signal = AbortSignal.timeout(limit);
  try {
    return (await runAt({ kind: "container", ...where }, script, signal)).stdout;
  } catch {
    return undefined;
  }
}
