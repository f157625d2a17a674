import { type ExportedState, ownerNumber } from "./exportedState";
import { NoSuchStack, pulumi } from "./pulumi";

/** The number of a stack, see {@link ownerNumber}. Undefined for a stack that does not exist yet. */
export async function readOwnerNumber(stack: string): Promise<string | undefined> {
  const args = ["stack", "export", "--stack", stack];
  try {
    return ownerNumber(
      JSON.parse(await pulumi(args, `The state of stack ${stack}`)) as ExportedState,
    );
  } catch (error) {
    if (error instanceof NoSuchStack) return undefined;
    throw error;
  }
}
