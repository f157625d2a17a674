import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import {
  type PrimarySettings,
  stepInput,
  type StepName,
  stepScript,
  type StepValues,
} from "../../scripts/primary";
import type { Engine } from "../kit/engine";
import type { accessSchema } from "../primary/externalSchema";

export interface PrimaryStepArgs {
  step: StepName;
  settings: pulumi.Output<PrimarySettings>;
  values: { [Key in keyof StepValues]: pulumi.Input<StepValues[Key]> };
  /** How the primary is reached: the same script goes to psql's machine, or into a container. */
  access: z.output<typeof accessSchema>;
  host: string;
  engine: Engine;
  /** A sentence on what was changed behind our back: the step then runs again. */
  drift?: string;
  /** Whether destroy has something to undo. */
  undo: boolean;
  /**
   * Whether it only looks, and its answer stands until something is seen to have changed. Default
   * false. A new password or address would run it again, and nobody could foresee what it says.
   */
  once?: boolean;
}

const everything = ["create", "update", "stdin", "environment", "connection"];

/**
 * One step on the primary: its script, with its values, goes by standard input to bash. So no
 * secret is in a command line, which an error would print.
 */
export function primaryStep(
  name: string,
  args: PrimaryStepArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource & { stdout: pulumi.Output<string> } {
  const { access, engine } = args;
  const render = access.kind === "ssh" ? stepScript : stepInput;
  const stdin = pulumi.secret(
    pulumi
      .all([args.settings, pulumi.output(args.values)])
      .apply(([settings, values]) => render(args.step, settings, values as StepValues)),
  );
  const bash =
    access.kind === "ssh" ? "bash -s --" : "node --import tsx scripts/steps/primaryStep.ts";
  const inputs = {
    create: `${bash} apply`,
    // A comment is the one input that both kinds of Command have, that changes nothing, and that
    // preview shows.
    update: args.drift ? `${bash} repair # ${args.drift}` : `${bash} apply`,
    ...(args.undo ? { delete: `${bash} remove` } : {}),
    stdin,
    addPreviousOutputInEnv: false,
  };
  const options = pulumi.mergeOptions(opts, {
    deleteBeforeReplace: true,
    dependsOn: [engine.image, engine.network],
    // The sentence of a drift that was mended stays in the state, and is no change.
    ignoreChanges: args.drift ? [] : args.once ? everything : ["update"],
  });
  if (access.kind === "ssh") {
    const { user, port, privateKey, hostKey } = access;
    return new command.remote.Command(
      name,
      { ...inputs, connection: { host: args.host, user, port, privateKey, hostKey } },
      options,
    );
  }
  return new command.local.Command(
    name,
    {
      ...inputs,
      environment: {
        LATERBASE_ENGINE: engine.host ?? "",
        LATERBASE_IMAGE: engine.image.name,
        LATERBASE_NETWORK: engine.network.name,
      },
    },
    options,
  );
}
