import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import { GaveUp } from "../../../engine/untilReady";
import { CliError } from "../../terminal/cliError";
import { otherLogins } from "./check";
import { type Followed, letFollow } from "./follow";
import type { Outage } from "./outage";
import type { Place } from "./place";
import { notesOf, putBackStep, tidyStep } from "./putBack";
import { nextStep, type Step, type Wish } from "./situation";
import {
  type Course,
  filesStep,
  overwriteStep,
  replayStep,
  swapStep,
  type Times,
  wayBack,
} from "./steps";
import type { VolumeState } from "./volume";
import { refusalSentence } from "./words";

/** What a restore came to. */
export interface Done {
  journal: InPlaceJournal;
  standbys: Followed;
  /** Whether the data from before are kept. */
  kept: boolean;
  logins: { changed: string[]; missing: string[] };
  times: Times;
}

/** Goes on with the restore that the journal describes, until nothing is left to do. */
export async function goOn(place: Place, outage: Outage): Promise<Done> {
  const times: Times = {};
  try {
    for (;;) {
      const seen = await place.volume.look();
      const step = stepFor(place, "restore", seen);
      const course = { place, seen, outage, times, journal: known(seen) };
      refuseProblem(place, course.journal);
      if (step === "follow") return await follow(course);
      await perform(step, course);
    }
  } finally {
    await outage.end();
  }
}

/** What is done next for a wish. @throws CliError where it is refused */
export function stepFor({ session }: Place, wish: Wish, seen: VolumeState): Step {
  const next = nextStep(wish, seen);
  if ("step" in next) return next.step;
  throw new CliError(
    refusalSentence(next.refused, (words) => session.command(words)),
    4,
  );
}

/** The journal of a restore that can go on. */
export function known({ journal }: VolumeState): InPlaceJournal {
  if (journal !== undefined && journal !== "unreadable") return journal;
  throw new CliError("The journal of the restore cannot be read, so nothing goes on.");
}

/** @throws CliError while the restored server is known to be at another state than the planned one */
export function refuseProblem(place: Place, journal: InPlaceJournal): void {
  if (journal.problem === undefined) return;
  throw new CliError(`${journal.problem} ${wayBack(place, journal)}`, 4);
}

async function perform(step: Step, course: Course): Promise<void> {
  switch (step) {
    case "files":
      return filesStep(course);
    case "swap":
      return swapStep(course);
    case "overwrite":
      return overwriteStep(course);
    default:
      return replayOrPutBack(course);
  }
}

/**
 * A recovery that fails before the server took writes has lost nothing: the data from before come back. One that only
 * cannot be seen goes on, and clients may write already.
 */
async function replayOrPutBack(course: Course): Promise<void> {
  const { place, journal, seen, outage } = course;
  const { say, session } = place;
  try {
    await replayStep(course);
  } catch (error) {
    session.stopIfInterrupted("the primary goes on");
    if (error instanceof CliError) throw error;
    const why = (error as Error).message.replace(/\.?$/, ".");
    const goesOn = `'${session.command("restore --in-place")}' goes on from there`;
    if (!(error instanceof GaveUp)) {
      throw new CliError(`${why} Nothing is put back, because the primary goes on: ${goesOn}.`);
    }
    if (await openedNew(course)) {
      const opened = "The primary has opened its new timeline, so nothing is put back by itself";
      throw new CliError(`${why} ${opened}: ${goesOn}. ${wayBack(place, journal)}`);
    }
    if (journal.delta || !seen.folders.before) {
      throw new CliError(`The restored data cannot be used: ${why} ${wayBack(place, journal)}`);
    }
    say(`The restored data cannot be used: ${why} The data from before are put back.`);
    await putBackStep(place, seen, outage);
    const back = await tidyStep(place, known(await place.volume.look()), outage);
    const sentence = `The restored data cannot be used: ${why} The data from before are back, and the primary runs on them.`;
    throw new CliError([sentence, ...notesOf(session, back)].join(" "));
  }
}

/** Whether a server that gave up had ended its recovery, so that clients may have written. */
async function openedNew({ place, journal }: Course): Promise<boolean> {
  // The engine may be about to start it once more.
  await place.server.stop();
  const { timeline = 0 } = await place.volume.look();
  return timeline > journal.plan.timeline;
}

async function follow({ place, journal, seen, times }: Course): Promise<Done> {
  const { server, session, volume } = place;
  // One that goes on may find the primary stopped since.
  await session.unlessInterrupted(
    server.start(place.turnOf(server.name)),
    "the standbys are not started yet",
  );
  const logins = otherLogins(journal.logins ?? {}, await server.logins());
  const others = [...logins.changed, ...logins.missing];
  const away = new Map(Object.entries(journal.away ?? {}));
  const standbys = await letFollow(place, journal.standbys, away, others);
  const kept = !journal.delta && seen.folders.before;
  if (kept)
    await volume.note({ ...journal, away: Object.fromEntries(away), phase: "restored-and-kept" });
  else await volume.clear();
  return { journal, standbys, kept, logins, times };
}
