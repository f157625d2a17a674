import type * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";
import { localProgram } from "./localProgram";

interface ReadinessArgs {
  /** The container's name. */
  containerName: string;
  /** The container. Another one is waited for again. */
  container: docker.Container;
  /** The engine that runs it. */
  engine: Engine;
  /** What has to be there before. Default: nothing. */
  after?: pulumi.Resource[];
}

/**
 * Waits until a container does its work, and shows its progress. Docker's own `wait` shows nothing
 * for hours and does not notice a server that has given up.
 */
export function readiness(
  name: string,
  { containerName, container, engine, after = [] }: ReadinessArgs,
  parent: pulumi.Resource,
): command.local.Command {
  const words = [containerName];
  const triggers = [container.id];
  const dependsOn = after.length > 0 ? { dependsOn: after } : {};
  return localProgram(
    name,
    { program: "ready", words, engine, triggers },
    { parent, ...dependsOn },
  );
}
