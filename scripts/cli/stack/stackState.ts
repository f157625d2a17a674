import { type ExportedState, resourcesOf } from "./exportedState";
import { type FolderState, folderState, isNotThere } from "./folderState";
import { type KnownOutputs, notUp, readOutputs } from "./outputs";
import { exportState } from "./state";
import { NoPassphrase, stateKey, withoutSecrets, withSecrets } from "./stateSecrets";
import { CliError } from "../terminal/cliError";

/** What Pulumi knows of a stack. */
export interface StackState {
  state: ExportedState;
  /** The outputs without their secrets. */
  plain: KnownOutputs;
  /** The outputs with their secrets. The key takes a third of a second to derive. */
  outputs: () => Promise<KnownOutputs>;
  /** A property of a resource, with its secrets. */
  open: (urn: string, side: "inputs" | "outputs", name: string) => Promise<unknown>;
}

/**
 * The state of a stack that is up. A state in a folder is read without the Pulumi CLI, which takes half a second to
 * start.
 *
 * @throws CliError where there is no such stack, or it is not up
 */
export async function readStackState(stack: string): Promise<StackState> {
  if (isNotThere(stack)) throw notUp(stack);
  const direct = folderState(stack);
  const state = direct?.state ?? (await exportState(stack));
  const own = resourcesOf(state).find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  if (own === undefined || Object.keys(own).length === 0) throw notUp(stack);
  const plain = withoutSecrets(own) as KnownOutputs;
  const propertyOf = (all: ExportedState, ...[urn, side, name]: Parameters<StackState["open"]>) =>
    resourcesOf(all).find((one) => one.urn === urn)?.[side]?.[name];
  if (!direct) {
    const noKey = () => Promise.reject(new Error("a secret without its clear text"));
    return {
      ...{ state, plain, outputs: () => readOutputs(stack) },
      open: async (...property) =>
        withSecrets(propertyOf(await exportState(stack, "--show-secrets"), ...property), noKey),
    };
  }
  let key: Promise<Buffer> | undefined;
  const open = (value: unknown) => withSecrets(value, () => (key ??= keyOf(stack, direct)));
  return {
    ...{ state, plain, outputs: () => open(own) as Promise<KnownOutputs> },
    open: (...property) => open(propertyOf(state, ...property)),
  };
}

async function keyOf(stack: string, { salt }: FolderState): Promise<Buffer> {
  try {
    return await stateKey(salt);
  } catch (error) {
    if (!(error instanceof NoPassphrase)) throw error;
    throw new CliError(`The outputs of stack ${stack} cannot be read: ${error.message}.`);
  }
}
