import { stepProgram } from "./stepProgram";
import type { StepInput } from "./script";

/**
 * The former place of `scripts/steps/primaryStep.ts`. States that commit 2c41f5a or an older one made
 * name this path: destroy runs their `inContainer.ts remove` with a bare script on standard input, and
 * `up` keeps their `update` command until the step is repaired once, because a change of `update`
 * alone is ignored. This file can go when no such state is left.
 */
void stepProgram((input) =>
  input.startsWith("{")
    ? (JSON.parse(input) as StepInput)
    : {
        script: input,
        remains: ["What this step made on the primary is still there: a later destroy removes it."],
      },
);
