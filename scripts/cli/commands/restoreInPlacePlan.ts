import type { InPlaceJournal } from "../../../contract/restoreInPlace";
import type { RestoreOptions } from "../../../contract/restoreTarget";
import { known, refuseProblem, stepFor } from "../restore/inPlace/go";
import type { Place } from "../restore/inPlace/place";
import type { VolumeState } from "../restore/inPlace/volume";
import {
  asksForAnother,
  journalPlan,
  noRoom,
  optionsOf,
  whatHappens,
} from "../restore/inPlace/words";
import { roomFor } from "../restore/room";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";
import { planned } from "./restorePlan";
import { planText, type ShownPlan } from "./restorePlanText";

export type InPlaceOptions = RestoreOptions & { repo?: number; delta?: boolean; yes?: boolean };

/** Plans a restore, asks, and notes it; or says that one goes on that was stopped, and returns nothing. */
export async function beginInPlace(
  place: Place,
  options: InPlaceOptions,
): Promise<ShownPlan | undefined> {
  const seen = await place.volume.look({ sizes: true });
  const step = stepFor(place, "restore", seen);
  if (step === "plan") return plan(place, seen, options);
  const { session, say } = place;
  const journal = known(seen);
  const another = asksForAnother(journal, optionsOf(options), options.delta === true);
  // What is overwritten already can only be overwritten again.
  if (another && journal.delta && options.delta) return plan(place, seen, options);
  refuseProblem(place, journal);
  if (another) {
    throw new CliError(
      `A restore to ${journal.plan.target} is not finished: '${session.command("restore --in-place")}' goes on with it, and '${session.command("restore --undo")}' takes it back.`,
      4,
    );
  }
  say(`The restore to ${journal.plan.target}, begun at ${journal.startedAt}, goes on.`);
  if (["restoring", "restored"].includes(journal.phase)) await ask(session, journal, options.yes);
  return undefined;
}

async function plan(place: Place, seen: VolumeState, options: InPlaceOptions): Promise<ShownPlan> {
  const { session, say, volume } = place;
  const { yes, delta = false, ...asked } = options;
  const shown = await planned(session, { ...asked, inPlace: true });
  refuse(place, seen, roomFor(shown), delta);
  say(planText(shown));
  const overwritten = seen.journal !== "unreadable" && seen.journal?.phase === "overwriting";
  const journal: InPlaceJournal = {
    version: 1,
    phase: overwritten ? "overwriting" : "restoring",
    startedAt: new Date().toISOString(),
    delta,
    options: optionsOf(asked),
    plan: journalPlan(shown),
    standbys: [],
  };
  await ask(session, journal, yes);
  session.stopIfInterrupted("nothing was changed");
  await volume.note(journal);
  return shown;
}

/** Before anything is stopped. */
async function ask(
  session: Session,
  { plan: to, delta }: InPlaceJournal,
  yes = false,
): Promise<void> {
  const name = `Type the name of the stack, ${session.stack}`;
  const confirm = (question: string) => session.confirm(question, session.stack, yes);
  await confirm(`${whatHappens(to, delta)}\n${name}, to go on: `);
  if (delta) await confirm(`${name}, once more, because nothing is kept: `);
}

/** @throws CliError for what has no room, or cannot be beside the primary's data */
function refuse({ session }: Place, seen: VolumeState, needed: number, delta: boolean): void {
  const { freeKb, liveKb = 0, restoringKb = 0, tablespaces } = seen;
  const command = (words: string) => session.command(words);
  if (!delta && tablespaces) {
    throw new CliError(
      `The primary has tablespaces of its own, which have one place: '${command("restore --in-place --delta")}' overwrites them, and keeps nothing.`,
      4,
    );
  }
  const free = (freeKb + restoringKb + (delta ? liveKb : 0)) * 1024;
  if (needed > free) throw new CliError(noRoom(needed, free, delta, command), 4);
}
