import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import {
  type PrimarySettings,
  stepInput,
  type StepName,
  type StepValues,
} from "../../scripts/primary";
import { driftEnvironment, ignoredDrift } from "../kit/drift";
import type { Address } from "../kit/address";
import type { Engine } from "../kit/engine";
import { stepCommand } from "../kit/localProgram";
import type { Access } from "../primary/externalSchema";
import { sshTarget } from "../primary/sshTarget";

export interface PrimaryStepArgs {
  /** Which of the scripts in scripts/primary runs. */
  step: StepName;
  /** The primary as the script sees it. A change runs the step again. */
  settings: pulumi.Output<PrimarySettings>;
  /** What the step works on. A change runs it again. */
  values: { [Key in keyof StepValues]: pulumi.Input<StepValues[Key]> };
  /**
   * Where the script runs: on the primary's own machine, or in a container. A change runs the step again by
   * the new way, and undoes nothing.
   */
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
  /**
   * A sentence that says that the primary has no data, and so nothing of ours. The step runs again, as on a new stack.
   * Default: it has data.
   */
  empty?: string | undefined;
  /** Whether destroy has something to undo. */
  undo: boolean;
  /**
   * Whether the step only reads and its answer holds until a drift is seen. A new password or address
   * would run it again, and preview could not show its answer. Default false.
   */
  once?: boolean;
}

/** Where steps begin. */
export interface StepsPlace {
  /** The engine. */
  engine: Engine;
  /** The primary as that engine reaches it. */
  address: Address;
}

/** A step as others depend on it. */
export type PrimaryStep = pulumi.Resource & { stdout: pulumi.Output<string> };

/** Declares one step. Its resource and its drift go by `key`, by default the step's name. */
export type DeclareStep = (
  step: StepName,
  values: PrimaryStepArgs["values"],
  dependsOn: pulumi.Resource[],
  key?: string,
) => PrimaryStep;

const everything = ["create", "update", "stdin", "environment"];

/**
 * One step on the primary: one resource, whatever carries the script. With a resource for each way, another
 * way would make new ones and then delete the old ones, whose inverses undo what the new ones made. The
 * script goes to the program by standard input with the values in it, because an error prints the whole
 * command line and a secret must not be there.
 */
export function primaryStep(
  name: string,
  args: PrimaryStepArgs,
  opts: pulumi.CustomResourceOptions,
): PrimaryStep {
  const { access, engine, drift } = args;
  const seen = drift ?? args.empty;
  const stdin = pulumi.secret(
    pulumi
      .all([args.settings, pulumi.output(args.values), sshTarget(access, args.host)])
      .apply(([settings, values, ssh]) =>
        stepInput(args.step, settings, values as StepValues, ssh),
      ),
  );
  return new command.local.Command(
    name,
    {
      create: stepCommand("primaryStep", "apply"),
      update: stepCommand("primaryStep", drift ? "repair" : "apply"),
      ...(args.undo ? { delete: stepCommand("primaryStep", "remove") } : {}),
      stdin,
      environment: {
        ...(access.kind === "sql" ? placeOf(engine) : {}),
        ...driftEnvironment(seen),
      },
      addPreviousOutputInEnv: false,
    },
    pulumi.mergeOptions(opts, {
      deleteBeforeReplace: true,
      dependsOn: [engine.image, engine.network],
      ignoreChanges: args.once && !drift ? everything : ignoredDrift(seen),
    }),
  );
}

/** Where the container of a script runs. */
function placeOf(engine: Engine) {
  return {
    LATERBASE_ENGINE: engine.host ?? "",
    LATERBASE_IMAGE: engine.image.name,
    LATERBASE_NETWORK: engine.network.name,
  };
}
