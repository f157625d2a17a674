import { partsAmong } from "../parts/part";
import { CliError } from "../terminal/cliError";
import { type ExportedState, resourcesOf } from "./exportedState";
import type { Located } from "./outputs";

/** Where the monitor of a stack is. */
export function monitorOf(stack: string, state: ExportedState): Located {
  const part = partsAmong(resourcesOf(state)).find(({ name }) => name === "health");
  if (!part) {
    throw new CliError(
      `The stack ${stack} has no monitor: set laterbase:health in Pulumi.${stack}.yaml and bring it up.`,
      4,
    );
  }
  const { container, host } = part;
  return host === "" ? { name: container } : { name: container, host };
}
