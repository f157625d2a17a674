import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Backups } from "../backupAgent/backups";
import type { StackContext } from "../kit/context";
import { ignoredSentence } from "../kit/drift";
import { localProgram } from "../kit/localProgram";
import { duplicatiUser } from "./files";

interface VolumesOfUserArgs {
  /** The stack, with Duplicati's engine. The PostgreSQL image there runs the step. */
  stack: StackContext;
  /** Duplicati's container. One that still runs as another user is stopped before. */
  container: string;
  /** Duplicati's own volumes. */
  volumes: pulumi.Input<string>[];
  /** Where the dumps are. */
  backups: Backups;
  /** A sentence where the container is gone: the step runs again. Default: it is there. */
  drift?: string | undefined;
}

/**
 * Gives Duplicati's volumes to its user, once: in older stacks they belong to root, and Docker makes a
 * new one so. Its output is the number of the group that reads the dumps. It changes nothing where
 * nothing is to do.
 */
export function volumesOfUser(
  name: string,
  { stack, container, volumes, backups, drift }: VolumesOfUserArgs,
  parent: pulumi.Resource,
): command.local.Command {
  const folder = "hostPath" in backups ? { folder: backups.hostPath } : {};
  const stdin = pulumi
    .all([stack.engine.image.name, ...volumes])
    .apply(([image, ...own]) =>
      JSON.stringify({ image, user: duplicatiUser, volumes: own, ...folder }),
    );
  const place = { program: "duplicatiOwner", words: [container], engine: stack.engine };
  return localProgram(
    name,
    { ...place, stdin, triggers: [], drift },
    { parent, ignoreChanges: ignoredSentence(drift) },
  );
}
