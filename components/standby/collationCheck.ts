import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import { type CollationCheckInput, type PrimarySettings, stepScript } from "../../scripts/primary";
import type { Engine } from "../kit/engine";
import type { accessSchema } from "../primary/externalSchema";

/** What standbys need to sort text as somebody else's primary does, and to prove that they do. */
export interface TextOrder {
  /** How the primary sorts, as its `order` step printed it. */
  probe: pulumi.Output<string>;
  /** How the primary is reached, from where its steps run. */
  settings: pulumi.Output<PrimarySettings>;
  access: z.output<typeof accessSchema>;
  host: string;
  engine: Engine;
  /** By standby, a sentence on why its text indexes have to be checked again. */
  drift: Readonly<Record<string, string>>;
}

export interface TextOrderCheckArgs {
  order: TextOrder;
  /** The standby's name, its container, that container's id, and the engine of it. */
  standby: string;
  containerName: string;
  container: pulumi.Input<string>;
  engine: Engine;
}

/**
 * Checks every text btree of a standby by amcheck, once for each clone, as soon as it streams. The
 * extension is on the primary for as long as that takes. A standby that fails goes on replicating;
 * it says that it is a source of dumps only. Destroy undoes nothing: the role's own step does.
 */
export function textOrderCheck(
  name: string,
  { order, standby, containerName, container, engine }: TextOrderCheckArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const { access, host } = order;
  const run = `node --import tsx scripts/steps/collationCheck.ts ${containerName}`;
  const drift = order.drift[`order-${standby}`];
  const ssh =
    access.kind === "ssh"
      ? { host, port: access.port, user: access.user, hostKey: access.hostKey }
      : undefined;
  const stdin = pulumi
    .all([
      order.settings,
      order.engine.image.name,
      order.engine.network.name,
      access.kind === "ssh" ? access.privateKey : "",
    ])
    .apply(([settings, image, network, privateKey]) =>
      JSON.stringify({
        script: stepScript("amcheck", settings, { standby }),
        ...(ssh ? { ssh: { ...ssh, privateKey } } : {}),
        place: { host: order.engine.host ?? "", image, network },
      } satisfies CollationCheckInput),
    );
  return new command.local.Command(
    name,
    {
      create: run,
      // A comment, as the steps on the primary have it: preview shows it, and it changes nothing.
      update: drift ? `${run} # ${drift}` : run,
      stdin: pulumi.secret(stdin),
      environment: { LATERBASE_ENGINE: engine.host ?? "" },
      // Another container may have met other data; it knows what was checked.
      triggers: [container],
      addPreviousOutputInEnv: false,
    },
    { ...opts, deleteBeforeReplace: true, ignoreChanges: drift ? [] : ["update"] },
  );
}
