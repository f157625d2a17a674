import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import {
  type PrimarySettings,
  stepInput,
  type StepName,
  stepScript,
  type StepValues,
} from "../../scripts/primary";
import { shellRemark } from "../../contract/quoting";
import { driftEnvironment, ignoredDrift } from "../kit/drift";
import type { Engine } from "../kit/engine";
import type { Access } from "../primary/externalSchema";

export interface PrimaryStepArgs {
  /** Which of the scripts in scripts/primary runs. */
  step: StepName;
  /** The primary as the script sees it. A change runs the step again. */
  settings: pulumi.Output<PrimarySettings>;
  /** What the step works on. A change runs it again. */
  values: { [Key in keyof StepValues]: pulumi.Input<StepValues[Key]> };
  /** Where the script runs: on the primary's own machine, or in a container. */
  access: Access;
  /** The primary's name or address. */
  host: string;
  /** The engine of the container. */
  engine: Engine;
  /**
   * A sentence about a change that somebody made on the primary. Preview shows it, and `up` runs the
   * step again. Default: nothing was changed.
   */
  drift?: string | undefined;
  /** Whether destroy has something to undo. */
  undo: boolean;
  /**
   * Whether the step only reads and its answer holds until a drift is seen. A new password or address
   * would run it again, and preview could not show its answer. Default false.
   */
  once?: boolean;
}

/** A step as others depend on it. */
export type PrimaryStep = pulumi.Resource & { stdout: pulumi.Output<string> };

const everything = ["create", "update", "stdin", "environment", "connection"];

/**
 * One step on the primary. Its script goes to bash by standard input with the values in it, because
 * an error prints the whole command line and a secret must not be there.
 */
export function primaryStep(
  name: string,
  args: PrimaryStepArgs,
  opts: pulumi.CustomResourceOptions,
): PrimaryStep {
  const { access, engine, drift } = args;
  const render = access.kind === "ssh" ? stepScript : stepInput;
  const stdin = pulumi.secret(
    pulumi
      .all([args.settings, pulumi.output(args.values)])
      .apply(([settings, values]) => render(args.step, settings, values as StepValues)),
  );
  const bash =
    access.kind === "ssh" ? "bash -s --" : "node --import tsx scripts/steps/primaryStep.ts";
  // An SSH server takes no variables, so there the sentence is a word that the script does not read.
  const remark = drift && access.kind === "ssh" ? ` ${shellRemark(drift)}` : "";
  const inputs = {
    create: `${bash} apply`,
    update: drift ? `${bash} repair${remark}` : `${bash} apply`,
    ...(args.undo ? { delete: `${bash} remove` } : {}),
    stdin,
    addPreviousOutputInEnv: false,
  };
  const options = pulumi.mergeOptions(opts, {
    deleteBeforeReplace: true,
    dependsOn: [engine.image, engine.network],
    ignoreChanges: args.once && !drift ? everything : ignoredDrift(drift),
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
        ...driftEnvironment(drift),
      },
    },
    options,
  );
}
