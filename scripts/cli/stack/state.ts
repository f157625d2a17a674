import type { ExportedState } from "./exportedState";
import { notUp } from "./outputs";
import { NoSuchStack, pulumi } from "./pulumi";

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

/** Replaces a stack's state by one that was exported before. It fails while another run holds the stack. */
export async function importState(stack: string, state: ExportedState): Promise<void> {
  // By standard input, so that nothing of it is on the disk.
  await pulumi(["stack", "import", "--stack", stack], `The state of stack ${stack}`, {
    input: JSON.stringify(state),
    verb: "changed",
  });
}
