import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { shellRemark } from "../../contract/quoting";
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
 * A program of scripts/steps that runs during `up` on the machine of Pulumi. Secrets go in by
 * standard input only, because an error prints the whole command line.
 */
export function localProgram(
  name: string,
  { program, words, engine, stdin, triggers, drift }: LocalProgramArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const run = `node --import tsx scripts/steps/${program}.ts ${words.join(" ")}`;
  return new command.local.Command(
    name,
    {
      create: run,
      // The program ignores the sentence: it changes nothing but the input that preview shows.
      ...(stdin === undefined
        ? {}
        : {
            update: drift ? `${run} ${shellRemark(drift)}` : run,
            stdin: pulumi.secret(stdin),
          }),
      environment: { LATERBASE_ENGINE: engine.host ?? "" },
      triggers,
      addPreviousOutputInEnv: false,
    },
    { ...opts, deleteBeforeReplace: true },
  );
}

/** The state keeps the sentence of a drift that was repaired; without this it would look like a change. */
export function ignoredDrift(drift: string | undefined): string[] {
  return drift ? [] : ["update"];
}
