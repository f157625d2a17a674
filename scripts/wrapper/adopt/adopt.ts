import { maintenanceDatabase } from "../../../contract/maintenanceDatabases";
import { ownerName, roleName, stackPrefix } from "../../../contract/names";
import { observationPlace, type StackConfig } from "../../primary/observe/place";
import { recordedOwner } from "../../primary/observe/recordedOwner";
import type { Rotations } from "../../../contract/rotations";
import type { FoundThing } from "../engines/found";
import { firstTargets, lookTargets, type PlannedResource, secretTargets } from "./firstTargets";
import { withValues } from "./patchState";
import { removeThings } from "./remove";
import { rescue, type Rescued } from "./rescue";

interface AdoptArgs {
  project: string;
  stack: string;
  /** The stack's configuration, with its secrets. */
  config: StackConfig;
  /** The number of a repository that the generated passphrase encrypts. Default: none. */
  encrypted?: number | undefined;
  /** How often each secret was replaced. Default: never. */
  rotations?: Rotations | undefined;
  /** The containers and networks that the lost state left. */
  found: readonly FoundThing[];
  /** The steps of the preview. */
  steps: readonly PlannedResource[];
  /** Brings up these resources alone, and throws when that fails. */
  up: (urns: readonly string[]) => Promise<void>;
  /** Runs the Pulumi CLI on this stack, and returns its standard output. */
  pulumi: (args: readonly string[], input?: string) => Promise<string>;
  /** Gets a sentence when something begins. */
  say: (sentence: string) => void;
}

/** What adoption has found again. */
export interface Adopted {
  /** The names of the resources whose generated value is as before. */
  kept: string[];
  /** Whether the primary is known by the owner that it has recorded. Otherwise `up` refuses its role. */
  knowsOwner: boolean;
}

/**
 * Gives a stack whose state was lost a new one, before its `up`. The containers and networks of before go, and
 * every volume stays. Before they go, the looks look at what the new ones need, and secrets that only the containers
 * hold get into the new state: whatever ends this then, no data are left without their key. The number by which the
 * primary knows its owner is in the state afterwards. Other passwords are drawn anew: `up` sets the superuser's over
 * the local socket, and then those of the stack's roles.
 */
export async function adopt(args: AdoptArgs): Promise<Adopted> {
  const { project, stack, config, encrypted, rotations, found, steps, pulumi, say } = args;
  const managed = config.primary.kind === "managed";
  const up = async (urns: readonly string[]) => {
    // Without a target it would bring up everything.
    if (urns.length > 0) await args.up(urns);
  };
  await up(lookTargets(steps));
  const passwords = await rescue(found, {
    prefix: stackPrefix(project, stack),
    encrypted,
    rotations,
  });
  // An external one may be asked through a standby's container, which goes.
  const asked = managed ? undefined : await ownerNumber(args);
  say("New secrets are drawn.");
  await up(secretTargets(steps));
  await give(pulumi, passwords, {});
  say("The containers of before are removed. Their volumes stay.");
  await removeThings(found);
  if (managed) say("The primary starts on its volume.");
  await up(firstTargets(steps, managed));
  const number = asked ?? (managed ? await ownerNumber(args) : undefined);
  const ids: Rescued = number === undefined ? {} : { "preparation-owner": number };
  await give(pulumi, {}, ids);
  return {
    kept: [...Object.keys(passwords), ...Object.keys(ids)],
    knowsOwner: number !== undefined,
  };
}

/** Puts values of before into the state. */
async function give(pulumi: AdoptArgs["pulumi"], passwords: Rescued, ids: Rescued): Promise<void> {
  if (Object.keys(passwords).length + Object.keys(ids).length === 0) return;
  const exported = await pulumi(["stack", "export", "--show-secrets"]);
  const state = JSON.parse(exported) as Parameters<typeof withValues>[0];
  // By standard input: no file holds a secret in clear.
  await pulumi(["stack", "import"], JSON.stringify(withValues(state, passwords, ids)));
}

/** The number of the owner that the primary has recorded for this stack. */
async function ownerNumber({ project, stack, config }: AdoptArgs): Promise<string | undefined> {
  const owner = ownerName(project, stack);
  const common = { stack: owner, role: roleName(stack), database: maintenanceDatabase };
  const { place, settings } = await observationPlace(config, stackPrefix(project, stack), common);
  return recordedOwner(place, settings, owner);
}
