import { randomBytes } from "node:crypto";
import { changedKeys, decide } from "../protocol/compare";
import { formFailures, type Form } from "../protocol/forms";
import type { Context, Existing, Failure, Props, ResourceKind } from "../protocol/provider";
import { UNKNOWN } from "../protocol/values";
import { LOGGING, type Logging, type Printed } from "./capture";

/** The inputs that every command has when it runs. */
export interface CommandInputs {
  create?: string;
  update?: string;
  delete?: string;
  stdin?: string;
  environment?: Record<string, string>;
  logging?: Logging;
  addPreviousOutputInEnv?: boolean;
}

/** The inputs that both Command resources have. */
export const COMMON_INPUTS: Record<string, Form> = {
  create: "string",
  update: "string",
  delete: "string",
  triggers: "list",
  stdin: "string",
  environment: "map",
  logging: LOGGING,
  addPreviousOutputInEnv: "boolean",
};

/** Runs one command line with these inputs. `previous` is what the last run printed. */
export type Run = (
  ctx: Context,
  command: string,
  inputs: Props,
  previous: Printed,
) => Promise<Printed>;

interface Parts {
  forms: Record<string, Form>;
  run: Run;
  check?: (news: Props) => { inputs: Props; failures: Failure[] };
  secretOutputs?: readonly string[];
}

const NOTHING: Printed = { stdout: "", stderr: "" };

/** The lifecycle of a Command: what runs when, locally and remotely. */
export function commandKind({ forms, run, check, secretOutputs }: Parts): ResourceKind {
  const names = Object.keys(forms);
  return {
    inputs: names,
    secretOutputs,

    check(news) {
      const failures = formFailures(news, forms);
      if (failures.length > 0 || !check) return { inputs: news, failures };
      return check(news);
    },

    diff: (olds, news) => decide(changedKeys(olds.inputs, news, names), replaces),

    // Nothing runs in a preview, and any change may change the output.
    preview: (news) => ({ ...news, stdout: UNKNOWN, stderr: UNKNOWN }),

    async create(ctx, inputs) {
      const { create } = inputs as CommandInputs;
      const printed = create === undefined ? NOTHING : await run(ctx, create, inputs, NOTHING);
      const id = ctx.name + randomBytes(4).toString("hex");
      return { id, outputs: { ...inputs, ...printed } };
    },

    async update(ctx, _id, olds: Existing, news) {
      const { create, update } = news as CommandInputs;
      const previous = printedBefore(olds.state);
      const command = update ?? create;
      const printed = command === undefined ? previous : await run(ctx, command, news, previous);
      return { ...news, ...printed };
    },

    // With the values in the state: the program's present values may belong to another machine.
    async delete(ctx, _id, state) {
      const command = (state as CommandInputs).delete;
      if (command !== undefined) await run(ctx, command, state, printedBefore(state));
    },
  };
}

/** The variables that give a run the output of the previous one. */
export function previousOutput(inputs: Props, previous: Printed): Record<string, string> {
  if ((inputs as CommandInputs).addPreviousOutputInEnv === false) return {};
  return {
    ...(previous.stdout && { PULUMI_COMMAND_STDOUT: previous.stdout }),
    ...(previous.stderr && { PULUMI_COMMAND_STDERR: previous.stderr }),
  };
}

/** Only new triggers replace. Every other change runs `update`, or `create` again. */
function replaces(key: string): boolean {
  return key === "triggers";
}

function printedBefore(state: Props): Printed {
  const { stdout = "", stderr = "" } = state as Partial<Printed>;
  return { stdout, stderr };
}
