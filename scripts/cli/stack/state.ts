import { backendFolder } from "./backend";
import type { ExportedState } from "./exportedState";
import { project } from "./folderState";
import { lockedBy } from "./lock";
import { notUp } from "./outputs";
import { NoSuchStack, pulumi } from "./pulumi";
import { CliError } from "../terminal/cliError";

/** A stack's state. Its secrets are encrypted, unless `--show-secrets` is among the options. */
export async function exportState(
  stack: string,
  ...options: readonly "--show-secrets"[]
): Promise<ExportedState> {
  const what = `The state of stack ${stack}`;
  const answer = await pulumi(["stack", "export", "--stack", stack, ...options], what).catch(
    (error: Error) => {
      throw error instanceof NoSuchStack ? notUp(stack) : error;
    },
  );
  return JSON.parse(answer) as ExportedState;
}

/**
 * Looks whether a state is still the one that was exported: a person may have thought about an answer for long, and an
 * import would undo what another run has written meanwhile.
 *
 * @throws CliError when it is not
 */
export async function requireUnchanged(stack: string, exported: ExportedState): Promise<void> {
  const { deployment } = await exportState(stack);
  if (deployment.manifest?.time === exported.deployment.manifest?.time) return;
  throw new CliError(
    `Another run has changed the state of stack ${stack} meanwhile: nothing was changed. Try again.`,
    4,
  );
}

/**
 * Replaces a stack's state by one that was exported before.
 *
 * @throws CliError, of code 4 while another run holds the stack
 */
export async function importState(stack: string, state: ExportedState): Promise<void> {
  // By standard input, so that nothing of it is on the disk.
  await pulumi(["stack", "import", "--stack", stack], `The state of stack ${stack}`, {
    input: JSON.stringify(state),
    verb: "changed",
  }).catch((error: Error) => {
    // Pulumi's own sentence advises what would break the other run.
    const busy = lockedBy(backendFolder(), project(), stack);
    throw busy ? new CliError(`${busy} Nothing was changed.`, 4) : error;
  });
}
