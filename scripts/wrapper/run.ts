import { backendFolder, backendUrl } from "../cli/stack/backend";
import { lockedBy } from "../cli/stack/lock";
import type { CommandLine } from "./commandLine";
import type { EngineEvent } from "./events";
import { exportedState } from "./guard";
import type { Interruption } from "./interruption";
import type { Output } from "./output";
import { Plan } from "./plan";
import { plainErrors } from "./plainErrors";
import { withPrimaryReport } from "./primaryReport";
import { Progress } from "./progress";
import { protectedFromDestroy, protectedParts } from "./protectedParts";
import { runPulumi, stackNotFound } from "./pulumiRun";

export const project = "laterbase";
/** Our exit code when a person says no, or when a run is refused. */
export const DECLINED = 4;

/** One run of the wrapper, with what its steps share. */
export interface Course {
  line: CommandLine;
  output: Output;
  interruption: Interruption;
  /** The warnings that were shown: the program says the same in a preview and in the run after it. */
  warned: Set<string>;
}

/** Runs Pulumi and shows what it does. */
export async function run(
  { output, interruption, line, warned }: Course,
  command: "preview" | "up" | "destroy",
  flags: readonly string[],
): Promise<{ plan: Plan; code: number }> {
  const plan = new Plan();
  const planning = command === "preview" || flags.includes("--preview-only");
  const progress = new Progress(output, { planning, warned });
  const take = (event: EngineEvent) => {
    plan.take(event);
    progress.take(event);
  };
  const { result, report } = await withPrimaryReport((env) =>
    runPulumi([command, ...flags], take, interruption, env),
  ).finally(() => progress.end());
  const { code, said, signal } = result;
  plan.primaryReport = report;
  if (code === 0) {
    if (said) output.line(said);
    return { plan, code };
  }
  if (code === stackNotFound) {
    const create = `npm run pulumi -- stack init ${line.stack}`;
    refuse(output, `there is no stack ${line.stack} in ${backendUrl()}: '${create}' creates it.`);
    return { plan, code };
  }
  const { gone, rest } = await explained(command, planning, progress.errors, line.stack);
  const errors = plainErrors([...gone, ...rest]);
  for (const error of errors) output.error(error);
  // Pulumi's own sentence on a lock advises what would break the other run. One that took a step had the lock itself.
  const busy = plan.steps.length === 0 && lockedBy(backendFolder(), project, line.stack);
  if (busy) return { plan, code: refuse(output, busy) };
  if (said && gone.length === 0) output.error(said);
  else if (errors.length === 0 && !interruption.soon.aborted) {
    const end = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    output.error(`laterbase: pulumi ${end} and gave no reason.`);
  }
  return { plan, code };
}

/** What Pulumi says of protected data in our words, and what else it says. */
async function explained(
  command: "preview" | "up" | "destroy",
  planning: boolean,
  errors: readonly string[],
  stack: string,
): Promise<{ gone: string[]; rest: readonly string[] }> {
  const isDestroy = command === "destroy";
  if (!isDestroy && !planning) return { gone: [], rest: errors };
  const state = await exportedState(stack);
  const explain = isDestroy ? protectedFromDestroy : protectedParts;
  const gone = explain(errors, state, stack);
  if (gone.length === 0) return { gone, rest: errors };
  // A destroy goes on with the others, and may fail at one of them.
  const isOther = (error: string) => isDestroy && explain([error], state, stack).length === 0;
  return { gone, rest: errors.filter(isOther) };
}

export function refuse(output: Output, sentence: string): number {
  output.error(`laterbase: ${sentence}`);
  return DECLINED;
}
