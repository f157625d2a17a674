import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { labelsOf } from "./container";
import type { StackContext } from "./context";

/** A volume or a folder as a container mounts it. */
export type ContainerVolume = docker.types.input.ContainerVolume;

interface VolumeArgs {
  /** The volume's name on the engine. A change makes another, empty volume. */
  volume: string;
  /** The role of the container that writes to it, for the label. A change does nothing. */
  role: string;
  /** The stack that it belongs to. */
  stack: StackContext;
}

/** Docker's plugin replaces a volume when one of these changes, and a replaced volume is deleted. */
const ignoreChanges = ["labels", "driver", "driverOpts"];

/** A volume for data: nothing deletes it but a person who names it. */
export function keptVolume(name: string, args: VolumeArgs, parent: pulumi.Resource): docker.Volume {
  const options = { parent, ignoreChanges, protect: true, retainOnDelete: true };
  return volume(name, args, options);
}

/** A volume without data. It goes with the stack. */
export function passingVolume(
  name: string,
  args: VolumeArgs,
  parent: pulumi.Resource,
): docker.Volume {
  return volume(name, args, { parent, ignoreChanges });
}

function volume(
  name: string,
  { volume, role, stack }: VolumeArgs,
  opts: pulumi.CustomResourceOptions,
): docker.Volume {
  return new docker.Volume(
    name,
    { name: volume, labels: labelsOf(role, stack.stack) },
    { ...opts, provider: stack.engine.provider },
  );
}
