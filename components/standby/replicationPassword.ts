import type * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Address } from "../kit/address";
import type { StackContext } from "../kit/context";
import { localProgram } from "../kit/localProgram";
import { passfileLine } from "../schema/primitives";

/** How a standby connects to its primary. */
export interface Replication {
  /** The replication role. */
  user: string;
  /** The role's password. */
  password: pulumi.Input<string>;
  /**
   * The role's first password, where it has another one now. The container is made with this one, so that another
   * password does not replace it: `password` is delivered to the running container.
   */
  firstPassword?: pulumi.Input<string>;
  /** The physical slot of this standby. */
  slot: string;
}

interface Login {
  /** The primary. */
  primary: Address;
  /** How the standby connects to it. */
  replication: Replication;
}

interface RotatedArgs extends Login {
  /** The stack, with the engine of the standby. */
  stack: StackContext;
  /** What has to be there before: the role with the new password. */
  after: pulumi.Resource[];
}

/** The passfile of a standby, which it reads at each connection to the primary. */
export function renderPassfile(
  { primary, replication }: Login,
  password: pulumi.Input<string>,
): pulumi.Output<string> {
  const fields = [primary.host, String(primary.port), "replication", replication.user];
  return pulumi.secret(password).apply((text) => passfileLine([...fields, text]));
}

/**
 * Delivers the replication role's password to a running standby. Nothing restarts, and the stream goes on: the file
 * is read at the next connection. A new container gets it before it can become ready.
 */
export function rotatedPassword(
  name: string,
  args: RotatedArgs,
  { containerName, container }: { containerName: string; container: docker.Container },
  parent: pulumi.Resource,
): command.local.Command {
  const stdin = renderPassfile(args, args.replication.password);
  const words = [containerName];
  return localProgram(
    name,
    {
      ...{ program: "replicationPassword", words, engine: args.stack.engine, stdin },
      triggers: [container.id],
    },
    { parent, dependsOn: [...args.after, container] },
  );
}
