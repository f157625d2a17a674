import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";

/** A container's inputs, with the limit of its processes. */
interface OwnContainerArgs extends docker.ContainerArgs {
  /** The container's name. A change replaces it. */
  name: string;
  /** The most processes and threads that it may have together. A change is applied in place. */
  processes: number;
}

/**
 * A container of ours. The provider has no input for a limit of processes, so the engine notes it here
 * and `limitProcesses` sets it.
 */
export function ownContainer(
  engine: Engine,
  name: string,
  { processes, ...args }: OwnContainerArgs,
  opts: pulumi.CustomResourceOptions,
): docker.Container {
  const container = new docker.Container(name, args, opts);
  engine.limits.push({ name: args.name, container, processes });
  return container;
}
