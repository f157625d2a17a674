import { adoptStack } from "./adoptStack";
import { EnginesRefuse } from "./adopt";
import type { CommandLine } from "./commandLine";
import type { EngineEvent } from "./events";
import { clearBeforeDestroy, exportedState, Guard } from "./guard";
import type { Interruption } from "./interruption";
import { backendFolder, backendUrl } from "../cli/stack/backend";
import { lockedBy } from "./lock";
import type { Output } from "./output";
import { newestBackup } from "../cli/parts/jobVerdicts";
import { lookAtParts } from "./parts/lookAtParts";
import { partsOf } from "./parts/part";
import { brokenParts, reportParts } from "./parts/report";
import { needPassphrase } from "./passphrase";
import { type Known, Plan } from "./plan";
import { withPrimaryReport } from "./primaryReport";
import { plainErrors } from "./plainErrors";
import { Progress } from "./progress";
import { protectedParts } from "./protectedParts";
import { runPlainly, runPulumi, stackNotFound } from "./pulumiRun";
import { agreed, showChanges } from "./showChanges";
import { sourcesOf } from "./sources";
import { storeThePassphrase, summary } from "./summary";

const project = "laterbase";
/** Our exit code when a person says no, or when a run is refused. */
const DECLINED = 4;

/** One run of the wrapper, with what its steps share. */
export interface Course {
  line: CommandLine;
  output: Output;
  interruption: Interruption;
  /** The warnings that were shown: the program says the same in a preview and in the run after it. */
  warned: Set<string>;
}

/**
 * What the wrapper does around Pulumi. A preview comes first, so that the changes are shown in words, and the
 * parts are looked at last, so that the end is true.
 *
 * @returns the exit code
 */
export async function runCourse(
  line: CommandLine,
  output: Output,
  interruption: Interruption,
): Promise<number> {
  const course = { line, output, interruption, warned: new Set<string>() };
  if (line.plain) return runPlainly(plainArguments(line), interruption);
  if (!backendUrl()) {
    return refuse(
      output,
      "you are logged in to no Pulumi backend: 'npm run pulumi -- login --local' keeps states on this machine.",
    );
  }
  const busy = lockedBy(backendFolder(), project, line.stack);
  if (busy) return refuse(output, busy);
  if (line.command !== "preview" && !line.yes && !line.skipPreview && !output.ask) {
    return refuse(
      output,
      "nobody can be asked without a terminal, so nothing was changed: add --yes.",
    );
  }
  const locked = await needPassphrase(line, output);
  if (locked) return refuse(output, locked);
  // state: what is wrong with the state, the passphrase and the volumes
  const runs = { destroy, preview, up, start: up };
  return runs[line.command](course).catch((error: unknown) => {
    if (error instanceof EnginesRefuse) return refuse(output, error.message);
    throw error;
  });
}

async function preview(course: Course): Promise<number> {
  const { plan, code } = await run(course, "preview", course.line.previewFlags);
  if (code !== 0) return code;
  // First, because it may refuse the run: what is new to a lost state is not new.
  const guard = plan.isEmpty ? undefined : await Guard.check(guarded(course, plan));
  showChanges(course, plan, guard);
  // A preview succeeds although a part does not work now. What is not made yet is no part that does not work.
  await look(course, plan.before, true);
  return 0;
}

async function up(course: Course): Promise<number> {
  const { line, output } = course;
  let known: Plan | undefined;
  if (!line.skipPreview) {
    const { plan, code } = await run(course, "preview", line.previewFlags);
    if (code !== 0) return code;
    known = plan;
  }
  const sources = sourcesOf(line);
  const runs = !known?.isEmpty || refreshes(line) || !sources.areApplied();
  // First, because it may refuse the run: what is new to a lost state is not new.
  const guard = runs ? await Guard.begin(guarded(course, known)) : undefined;
  if (known) showChanges(course, known, guard);
  let lost: string[] = [];
  if (guard) {
    if (!known?.isEmpty && !(await agreed(course, "Make these changes?"))) return DECLINED;
    // What another run is making looks like what a killed run left.
    const busy = lockedBy(backendFolder(), project, line.stack);
    if (busy) return refuse(output, busy);
    await guard.forget();
    const { plan, code, losses } = await update(course, guard, known);
    lost = losses;
    if (code === DECLINED) return code;
    if (code !== 0) return failed(course, { known: known ?? plan, ran: plan, code });
    known = plan;
    sources.noteApplied();
  }
  // Without a preview there was a run.
  const done = known!;
  const { broken, backup } = await look(course, done, false);
  const { stack } = line;
  output.line(`\nLaterbase is ${broken.length === 0 ? "up" : "not wholly up"} (stack ${stack}).`);
  const standIns = Boolean(process.env["LATERBASE_STAND_INS"]);
  const { resources, outputs = {} } = done;
  const parts = partsOf(resources);
  const shown = summary({ stack, parts, broken, outputs, standIns, backup });
  for (const text of [...shown, ...lost]) output.line(text);
  if (done.beginsEncryption) output.line(storeThePassphrase(stack));
  return broken.length === 0 ? 0 : 1;
}

/** Makes the changes. When that fails, what ran before runs again. A run that gave way to another one did nothing. */
async function update(course: Course, guard: Guard, known: Plan | undefined) {
  const { line, output } = course;
  const say = (sentence: string) => output.line(sentence);
  let steps: Plan["steps"] = [];
  let losses: string[] = [];
  let failed = true;
  try {
    if (guard.look.adopts) losses = await adoptStack(course, guard.look.remove, known!.steps);
    else await guard.clear(say);
    const ran = await run(course, "up", [...line.flags, "--skip-preview", "--yes"]);
    steps = ran.plan.steps;
    failed = ran.code !== 0 && ran.code !== DECLINED;
    return { ...ran, losses };
  } finally {
    if (failed) for (const { sentence } of await guard.recover(steps, say)) say(sentence);
  }
}

/** What is kept from harm in a run. */
function guarded({ line: { stack, adopt } }: Course, plan: Plan | undefined) {
  return { project, stack, steps: plan?.steps, adopt };
}

/** Looks at every part and says what does not work. Returns the names of the parts that are not up. */
async function look({ line, output, interruption }: Course, plan: Known, once: boolean) {
  const options = { once, signal: interruption.soon };
  const verdicts = await lookAtParts(plan, line.stack, output, options);
  output.now("");
  reportParts(output, verdicts);
  return { broken: brokenParts(verdicts), backup: newestBackup(verdicts) };
}

async function destroy(course: Course): Promise<number> {
  const { line } = course;
  if (!line.skipPreview && !line.yes) {
    const { plan, code } = await run(course, "destroy", [...line.flags, "--preview-only"]);
    if (code !== 0) return code;
    showChanges(course, plan);
    if (!(await agreed(course, `Destroy stack ${line.stack}?`))) return DECLINED;
  }
  const busy = lockedBy(backendFolder(), project, line.stack);
  if (busy) return refuse(course.output, busy);
  await clearBeforeDestroy(project, line.stack, (text) => course.output.line(text));
  const { code } = await run(course, "destroy", [...line.flags, "--skip-preview", "--yes"]);
  return code;
}

/** Runs Pulumi and shows what it does. */
async function run(
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
  const { code, said } = result;
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
  const gone = planning
    ? protectedParts(progress.errors, await exportedState(line.stack), line.stack)
    : [];
  for (const error of gone.length > 0 ? gone : plainErrors(progress.errors)) output.error(error);
  // Pulumi's own sentence on a lock advises what would break the other run.
  const busy = lockedBy(backendFolder(), project, line.stack);
  if (busy) return { plan, code: refuse(output, busy) };
  if (said && gone.length === 0) output.error(said);
  return { plan, code };
}

async function failed(
  course: Course,
  { known, ran, code }: { known: Plan; ran: Plan; code: number },
): Promise<number> {
  const { line, output, interruption } = course;
  const interrupted = interruption.soon.aborted;
  if (!interrupted) await look(course, known, true);
  const again =
    line.command === "start" ? "npm start" : `npm run pulumi -- up --stack ${line.stack}`;
  // The looks come before all else, and change nothing.
  const stays = ran.changes.every(({ name }) => name === "looks")
    ? "Nothing was changed."
    : "What was made stays.";
  output.error(
    interrupted
      ? `laterbase: the run was interrupted. ${stays} '${again}' goes on.`
      : `laterbase: 'pulumi up' failed, as said above. ${stays} Fix the cause and run '${again}'.`,
  );
  return code;
}

function refuse(output: Output, sentence: string): number {
  output.error(`laterbase: ${sentence}`);
  return DECLINED;
}

const refreshes = ({ flags }: CommandLine) =>
  flags.some((flag) => /^(--refresh|-r)(=true)?$/.test(flag));

/** What Pulumi is called with when its output is its own. */
function plainArguments({ command, flags, yes, skipPreview }: CommandLine): string[] {
  const asking =
    command === "preview"
      ? []
      : [...(yes ? ["--yes"] : []), ...(skipPreview ? ["--skip-preview"] : [])];
  return [command === "start" ? "up" : command, ...flags, ...asking];
}
