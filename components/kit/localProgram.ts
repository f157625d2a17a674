import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { driftEnvironment } from "./drift";
import type { Engine } from "./engine";

interface LocalProgramArgs {
  /** A program in scripts/steps, without `.ts`. */
  program: string;
  /** Its arguments, plain words. A change runs it again. */
  words: readonly string[];
  /** The engine that it works on, in LATERBASE_ENGINE. A change runs it again. */
  engine: Engine;
  /** Its standard input, which may hold secrets. Default: none. A change runs it again. */
  stdin?: pulumi.Input<string>;
  /** Ids of what it works on. A change replaces the resource, and so runs it again. */
  triggers: pulumi.Input<string>[];
  /**
   * A sentence about a change that somebody made outside of Pulumi. Preview shows it, and `up` runs
   * the program again. Default: nothing was changed.
   */
  drift?: string | undefined;
}

/**
 * The command line of a program in scripts/steps, with plain words as arguments. `tsx/cjs` because `--import tsx`
 * also starts what reads ES modules, which takes longer than most steps do.
 */
export function stepCommand(program: string, ...words: readonly string[]): string {
  return ["node --require tsx/cjs", `scripts/steps/${program}.ts`, ...words].join(" ");
}

/**
 * A program of scripts/steps that runs during `up` on the machine of Pulumi. Secrets go in by
 * standard input only, because an error prints the whole command line.
 */
export function localProgram(
  name: string,
  { program, words, engine, stdin, triggers, drift }: LocalProgramArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const run = stepCommand(program, ...words);
  return new command.local.Command(
    name,
    {
      create: run,
      ...(stdin === undefined ? {} : { update: run, stdin: pulumi.secret(stdin) }),
      environment: { LATERBASE_ENGINE: engine.host ?? "", ...driftEnvironment(drift) },
      triggers,
      addPreviousOutputInEnv: false,
    },
    { ...opts, deleteBeforeReplace: true },
  );
}
