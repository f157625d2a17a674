import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type CollationCheckInput, type PrimarySettings, stepScript } from "../../scripts/primary";
import type { StackContext } from "../kit/context";
import { ignoredDrift } from "../kit/drift";
import type { Engine } from "../kit/engine";
import { localProgram } from "../kit/localProgram";
import type { Access } from "../primary/externalSchema";
import { sshTarget } from "../primary/sshTarget";

/** What standbys need to sort text as an external primary does, and to prove that they do. */
export interface Collation {
  /** How the primary sorts, as the step printed it that asks for its collation. */
  probe: pulumi.Output<string>;
  /** The primary as its steps see it. */
  settings: pulumi.Output<PrimarySettings>;
  /** How its steps reach it. */
  access: Access;
  /** The primary's name or address. */
  host: string;
  /** The engine that its steps by SQL run on. */
  engine: Engine;
  /** Why the text indexes of a standby must be checked again, by `order-<standby>`. */
  drift: Readonly<Record<string, string>>;
}

interface CollationCheckArgs {
  /** The primary's collation. */
  collation: Collation;
  /** The standby's name. */
  standby: string;
  /** Its container's name. */
  containerName: string;
  /** Its container's id. Another container may have another clone, so it is checked again. */
  container: pulumi.Input<string>;
  /** The stack, with the standby's engine. */
  stack: StackContext;
}

/**
 * Checks every text btree of a standby by amcheck, once for each clone, as soon as it streams. The
 * extension is on the primary while the check runs. A standby that fails goes on replicating; its
 * health says that it is a source of dumps only. Destroy undoes nothing here: the role's step does.
 */
export function collationCheck(
  name: string,
  { collation, standby, containerName, container, stack }: CollationCheckArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const { access, host, engine } = collation;
  const drift = collation.drift[`collation-${standby}`];
  const stdin = pulumi
    .all([collation.settings, engine.image.name, engine.network.name, sshTarget(access, host)])
    .apply(([settings, image, network, ssh]) => {
      const input: CollationCheckInput = {
        script: stepScript("amcheck", settings, { standby }),
        ...(ssh ? { ssh } : {}),
        place: { host: engine.host ?? "", image, network },
      };
      return JSON.stringify(input);
    });
  return localProgram(
    name,
    {
      program: "collationCheck",
      words: [containerName],
      engine: stack.engine,
      stdin,
      triggers: [container],
      drift,
    },
    { ...opts, ignoreChanges: ignoredDrift(drift) },
  );
}
