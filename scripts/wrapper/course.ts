import type { CommandLine } from "./commandLine";
import type { Interruption } from "./interruption";
import { backendFolder, lockedBy } from "./lock";
import type { Output } from "./output";
import { lookAtParts } from "./parts/lookAtParts";
import { partsOf } from "./parts/part";
import { reportParts } from "./parts/report";
import { Plan } from "./plan";
import { Progress } from "./progress";
import { runPlainly, runPulumi } from "./pulumiRun";
import { sourcesOf } from "./sources";
import { summary } from "./summary";

const project = "laterbase";

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
  const busy = lockedBy(backendFolder(), project, line.stack);
  if (busy) return refuse(output, busy);
  if (line.command !== "preview" && !line.yes && !line.skipPreview && !output.ask) {
    return refuse(
      output,
      "nobody can be asked without a terminal, so nothing was changed: add --yes.",
    );
  }
  // state: what is wrong with the state, the passphrase and the volumes
  if (line.command === "destroy") return destroy(course);
  if (line.command === "preview") return preview(course);
  return up(course);
}

async function preview(course: Course): Promise<number> {
  const { plan, code } = await run(course, "preview", course.line.previewFlags);
  if (code !== 0) return code;
  showChanges(course, plan);
  // What does not work now is no failure of the preview.
  await look(course, plan, true);
  return 0;
}

async function up(course: Course): Promise<number> {
  const { line, output } = course;
  let known: Plan | undefined;
  if (!line.skipPreview) {
    const { plan, code } = await run(course, "preview", line.previewFlags);
    if (code !== 0) return code;
    known = plan;
    showChanges(course, plan);
  }
  const sources = sourcesOf(line);
  if (!known?.isEmpty || refreshes(line) || !sources.areApplied()) {
    if (!known?.isEmpty && !(await agreed(course, "Make these changes?"))) return 1;
    // recover: save the containers that will be replaced
    const { plan, code } = await run(course, "up", [...line.flags, "--skip-preview", "--yes"]);
    // recover: on failure, bring back what was there before
    if (code !== 0) return failed(course, known ?? plan, code);
    known = plan;
    sources.noteApplied();
  }
  const good = await look(course, known, false);
  const { stack } = line;
  output.line(
    good ? `\nLaterbase is up (stack ${stack}).` : `\nLaterbase is not wholly up (stack ${stack}).`,
  );
  const standIns = Boolean(process.env["LATERBASE_STAND_INS"]);
  const { resources, outputs = {} } = known;
  for (const text of summary({ stack, parts: partsOf(resources), outputs, standIns }))
    output.line(text);
  return good ? 0 : 1;
}

/** Looks at every part and says what does not work. Returns whether the stack is up. */
async function look({ line, output, interruption }: Course, plan: Plan, once: boolean) {
  const options = { once, signal: interruption.soon };
  const verdicts = await lookAtParts(plan, line.stack, output, options);
  output.now("");
  return reportParts(output, verdicts);
}

async function destroy(course: Course): Promise<number> {
  const { line } = course;
  if (!line.skipPreview && !line.yes) {
    const { plan, code } = await run(course, "destroy", [...line.flags, "--preview-only"]);
    if (code !== 0) return code;
    showChanges(course, plan);
    if (!(await agreed(course, `Destroy stack ${line.stack}?`))) return 1;
  }
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
  const { code, said } = await runPulumi(
    [command, ...flags],
    (event) => {
      plan.take(event);
      progress.take(event);
    },
    interruption,
  ).finally(() => progress.end());
  if (code === 0) {
    if (said) output.line(said);
    return { plan, code };
  }
  for (const error of progress.errors) output.error(error);
  // Pulumi's own sentence on a lock advises what would break the other run.
  const busy = lockedBy(backendFolder(), project, line.stack);
  if (busy || said) output.error(busy ? `laterbase: ${busy}` : said);
  return { plan, code };
}

/** The changes that a preview found, before they are made. */
function showChanges({ output, line }: Course, plan: Plan): void {
  if (plan.isEmpty) return output.line(`Nothing changes in stack ${line.stack}.`);
  // words: the changes in words
  output.line(`Changes of stack ${line.stack}:`);
  const steps = plan.changes.filter(
    ({ op }) => !op.startsWith("delete-") && !op.startsWith("create-"),
  );
  for (const { op, name, diffs } of steps)
    output.line(`  ${op} ${name}${diffs.length > 0 ? ` (${diffs.join(", ")})` : ""}`);
}

/** Whether the changes may be made. */
async function agreed({ line, output }: Course, question: string): Promise<boolean> {
  if (line.yes || !output.ask) return true;
  const answer = await output.ask(`${question} [y/N] `);
  if (/^y(es)?$/i.test(answer)) return true;
  output.line("Nothing was changed.");
  return false;
}

async function failed(course: Course, known: Plan, code: number): Promise<number> {
  const { line, output, interruption } = course;
  const interrupted = interruption.soon.aborted;
  if (!interrupted) await look(course, known, true);
  const again =
    line.command === "start" ? "npm start" : `npm run pulumi -- up --stack ${line.stack}`;
  output.error(
    interrupted
      ? `laterbase: the run was interrupted. What was made stays. '${again}' goes on.`
      : `laterbase: 'pulumi up' failed, as said above. What was made stays. Fix the cause and run '${again}'.`,
  );
  return code;
}

function refuse(output: Output, sentence: string): number {
  output.error(`laterbase: ${sentence}`);
  return 1;
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
