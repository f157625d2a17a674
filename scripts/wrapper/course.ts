import { adoptStack } from "./adoptStack";
import { EnginesRefuse } from "./adopt";
import { type CommandLine, plainArguments, refreshes, withoutRefresh } from "./commandLine";
import { clearBeforeDestroy, Guard } from "./guard";
import type { Interruption } from "./interruption";
import { updateFollows } from "../../contract/updateFollows";
import { visibleLines } from "../../contract/visible";
import { backendFolder, backendUrl } from "../cli/stack/backend";
import { lockedBy } from "../cli/stack/lock";
import { movedEngines } from "./movedEngines";
import type { Output } from "./output";
import { newestBackup } from "../cli/parts/jobVerdicts";
import { upCommand } from "../cli/parts/verdict";
import { lookAtParts } from "./parts/lookAtParts";
import { partsOf } from "./parts/part";
import { brokenParts, reportParts } from "./parts/report";
import { needPassphrase } from "./passphrase";
import { type Known, Plan } from "./plan";
import { runPlainly } from "./pulumiRun";
import { type Course, DECLINED, project, refuse, run } from "./run";
import { agreed, showChanges } from "./showChanges";
import { sourcesOf } from "./sources";
import { storeThePassphrase, summary } from "./summary";

/** Our exit code after an interruption, as shells have it. */
const INTERRUPTED = 130;

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
    // What an engine or a file answered. A trace of ours helps nobody, and may hold what a program printed.
    const why = error instanceof Error ? error.message : String(error);
    output.error(`laterbase: the run stopped: ${visibleLines(why)}`);
    return 1;
  });
}

async function preview(course: Course): Promise<number> {
  const { plan, code } = await previewed(course);
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
  process.env[updateFollows] = "yes";
  if (!line.skipPreview) {
    const { plan, code } = await previewed(course);
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
    // Nothing is removed for a run that would end at once.
    if (course.interruption.soon.aborted) {
      return failed(course, {
        known: known ?? new Plan(),
        ran: new Plan(),
        code: INTERRUPTED,
        adopting: line.adopt,
      });
    }
    await guard.forget();
    const { plan, code, losses, adopting } = await update(course, guard, known);
    lost = losses;
    if (code === DECLINED) return code;
    if (code !== 0) return failed(course, { known: known ?? plan, ran: plan, code, adopting });
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

/** A part of an adoption failed, and Pulumi has said why. */
class Stopped extends Error {
  constructor(readonly ran: { plan: Plan; code: number }) {
    super("the adoption stopped");
  }
}

/** What would change. It is refused where it would take the parts of one engine for those of another. */
async function previewed(course: Course): Promise<{ plan: Plan; code: number }> {
  const { line, output } = course;
  const { plan, code } = await run(course, "preview", line.previewFlags);
  const moved = code === 0 ? await movedEngines(plan.steps, line.stack) : [];
  if (moved.length === 0) return { plan, code };
  return {
    plan,
    code: refuse(
      output,
      [...moved.map(({ sentence }) => sentence), "Nothing was changed."].join("\n"),
    ),
  };
}

/** Makes the changes. When that fails, what ran before runs again. A run that gave way to another one did nothing. */
async function update(course: Course, guard: Guard, known: Plan | undefined) {
  const { line, output } = course;
  const say = (sentence: string) => output.line(sentence);
  const steps: Plan["steps"] = [];
  let losses: string[] = [];
  let failed = true;
  const makes = async (own: readonly string[], ...flags: string[]) => {
    const ran = await run(course, "up", [...own, "--skip-preview", "--yes", ...flags]);
    steps.push(...ran.plan.steps);
    return ran;
  };
  const makesFirst = async (urns: readonly string[]) => {
    const ran = await makes(withoutRefresh(line), ...urns.flatMap((urn) => ["--target", urn]));
    if (ran.code !== 0) throw new Stopped(ran);
  };
  try {
    if (guard.look.adopts) {
      losses = await adoptStack(
        course,
        { found: guard.look.remove, steps: known!.steps },
        makesFirst,
      );
    } else await guard.clear(say);
    const ran = await makes(line.flags);
    failed = ran.code !== 0 && ran.code !== DECLINED;
    return { ...ran, losses, adopting: false };
  } catch (error) {
    if (error instanceof Stopped) return { ...error.ran, losses, adopting: true };
    throw error;
  } finally {
    if (failed) for (const { sentence } of await guard.recover(steps, say)) say(sentence);
  }
}

/** What is kept from harm in a run. */
function guarded({ line }: Course, plan: Plan | undefined) {
  const { stack, adopt } = line;
  return { project, stack, steps: plan?.steps, adopt, refreshes: refreshes(line) };
}

/** Looks at every part and says what does not work. Returns the names of the parts that are not up, or have no container. */
async function look({ line, output, interruption }: Course, plan: Known, once: boolean) {
  const options = { once, signal: interruption.soon };
  const verdicts = await lookAtParts(plan, line.stack, output, options);
  output.now("");
  reportParts(output, verdicts);
  const lost = verdicts.filter(({ next }) => next === upCommand(line.stack));
  return {
    broken: brokenParts(verdicts),
    lost: lost.map(({ name }) => name),
    backup: newestBackup(verdicts),
  };
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
  if (course.interruption.soon.aborted) {
    course.output.error("laterbase: the run was interrupted. Nothing was changed.");
    return INTERRUPTED;
  }
  await clearBeforeDestroy(project, line.stack, (text) => course.output.line(text));
  const { code } = await run(course, "destroy", [...line.flags, "--skip-preview", "--yes"]);
  return code;
}

async function failed(
  course: Course,
  { known, ran, code, adopting }: { known: Plan; ran: Plan; code: number; adopting?: boolean },
): Promise<number> {
  const { line, output, interruption } = course;
  const interrupted = interruption.soon.aborted;
  const lost = interrupted ? [] : (await look(course, known, true)).lost;
  // Without a refresh Pulumi makes no container that is gone, and the same steps would fail on it again.
  const were = new Set(partsOf(known.before.resources).map(({ name }) => name));
  const refresh = lost.some((name) => were.has(name)) ? "--refresh " : "";
  const up =
    line.command === "start" ? "npm start" : `npm run pulumi -- up ${refresh}--stack ${line.stack}`;
  // What has been adopted is in the state, and then there is nothing to adopt.
  const again = adopting ? `${up}${line.command === "start" ? " --" : ""} --adopt` : up;
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
