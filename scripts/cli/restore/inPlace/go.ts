import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import { CliError } from "../../terminal/cliError";
import { otherLogins } from "./check";
import { type Followed, letFollow } from "./follow";
import type { Outage } from "./outage";
import type { Place } from "./place";
import { putBackStep, tidyStep } from "./putBack";
import { nextStep, type Step, type Wish } from "./situation";
import { type Course, filesStep, overwriteStep, replayStep, swapStep, wayBack } from "./steps";
import type { VolumeState } from "./volume";
import { refusalSentence } from "./words";

/** What a restore came to. */
export interface Done {
  journal: InPlaceJournal;
  standbys: Followed;
  /** Whether the data from before are kept. */
  kept: boolean;
  logins: { changed: string[]; missing: string[] };
}

/** Goes on with the restore that the journal describes, until nothing is left to do. */
export async function goOn(place: Place, outage: Outage): Promise<Done> {
  try {
    for (;;) {
      const seen = await place.volume.look();
      const step = stepFor(place, "restore", seen);
      const course = { place, seen, outage, journal: known(seen) };
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

/** A recovery that fails before the server took writes has lost nothing: the data from before come back. */
async function replayOrPutBack(course: Course): Promise<void> {
  const { place, journal, seen, outage } = course;
  const { say, session } = place;
  try {
    await replayStep(course);
  } catch (error) {
    session.stopIfInterrupted("the primary goes on");
    if (error instanceof CliError) throw error;
    const why = (error as Error).message.replace(/\.?$/, ".");
    if (journal.delta || !seen.folders.before) {
      throw new CliError(`The restored data cannot be used: ${why} ${wayBack(place, journal)}`);
    }
    say(`The restored data cannot be used: ${why} The data from before are put back.`);
    await putBackStep(place, seen, outage);
    await tidyStep(place, known(await place.volume.look()), outage);
    throw new CliError(
      `The restored data cannot be used: ${why} The data from before are back, and the primary runs on them.`,
    );
  }
}

async function follow({ place, journal, seen, outage }: Course): Promise<Done> {
  const { server, session, volume } = place;
  // One that goes on may find the primary stopped since.
  await session.unlessInterrupted(
    server.start(place.turnOf(server.name)),
    "the standbys are not started yet",
  );
  const logins = otherLogins(journal.logins ?? {}, await server.logins());
  const others = [...logins.changed, ...logins.missing];
  const standbys = await letFollow(place, journal.standbys, outage, others);
  const kept = !journal.delta && seen.folders.before;
  if (kept) await volume.note({ ...journal, phase: "restored-and-kept" });
  else await volume.clear();
  return { journal, standbys, kept, logins };
}
