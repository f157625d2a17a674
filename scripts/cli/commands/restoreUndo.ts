import {
  abandonStep,
  isClean,
  journalOf,
  notesOf,
  type PutBack,
  putBackStep,
  tidyStep,
} from "../restore/inPlace/putBack";
import { known, stepFor } from "../restore/inPlace/go";
import { Outage } from "../restore/inPlace/outage";
import { inPlace, type Place } from "../restore/inPlace/place";
import type { VolumeState } from "../restore/inPlace/volume";
import type { Session } from "../session";
import { CliError } from "../terminal/cliError";

interface Answer {
  yes?: boolean;
}

/** Deletes the data from before a restore in place. */
export function acceptRestore(session: Session, { yes = false }: Answer): Promise<void> {
  return inPlace(session, async (place) => {
    const seen = await place.volume.look();
    stepFor(place, "accept", seen);
    const journal = journalOf(seen);
    const { target } = journal.plan;
    if (journal.phase !== "accepting") {
      await session.confirm(
        `The primary stays at ${target}. The data from before the restore are deleted, and nothing can put them back.\nType the name of the stack, ${session.stack}, to go on: `,
        session.stack,
        yes,
      );
    }
    session.stopIfInterrupted("nothing was changed");
    await place.volume.accept(journal);
    await place.volume.clear();
    session.show(
      { accepted: target },
      () => `The restore to ${target} is accepted, and the data from before are deleted.`,
    );
  });
}

/** Puts the data from before a restore in place back, or takes back what was begun. */
export function undoRestore(session: Session, { yes = false }: Answer): Promise<void> {
  return inPlace(session, async (place) => {
    const seen = await place.volume.look();
    const step = stepFor(place, "undo", seen);
    if (step === "abandon") return abandon(place, seen);
    const outage = new Outage(place);
    if (step === "put-back") {
      if (journalOf(seen).phase !== "undoing") await confirm(session, seen, yes);
      session.stopIfInterrupted("nothing was changed");
      await putBackStep(place, seen, outage);
    }
    const undone = await tidyStep(place, known(await place.volume.look()), outage);
    show(session, undone);
  });
}

async function confirm(session: Session, seen: VolumeState, yes: boolean): Promise<void> {
  const { startedAt, plan } = journalOf(seen);
  await session.confirm(
    `This stops the primary and puts the data from before the restore to ${plan.target} back, which was begun at ${startedAt}. What was written since the restore is lost, and backups that were made since then are removed.\nType the name of the stack, ${session.stack}, to go on: `,
    session.stack,
    yes,
  );
}

async function abandon(place: Place, seen: VolumeState): Promise<void> {
  const { session } = place;
  const journal = journalOf(seen);
  const standbys = await abandonStep(place, seen);
  const notes = Object.values(standbys.not);
  session.show({ abandoned: journal.plan.target, standbys, notes }, () =>
    [
      `The restore to ${journal.plan.target} is taken back. The primary's data are as they were.`,
      ...notes,
    ].join("\n"),
  );
  if (notes.length > 0) throw new CliError("", 3);
}

function show(session: Session, undone: PutBack): void {
  const { standbys, timeline, repositories } = undone;
  const expired = repositories.flatMap((one) => one.expired);
  const notes = notesOf(session, undone);
  session.show({ ...undone, notes }, () =>
    [
      "The data from before the restore are back, and the primary runs on them.",
      ...(timeline === undefined || !repositories.every(isClean)
        ? []
        : [`Timeline ${timeline}, which the restore had opened, is in no repository any more.`]),
      ...(expired.length === 0 ? [] : [`Its backups are removed: ${expired.join(", ")}.`]),
      ...(standbys.following.length === 0
        ? []
        : [
            `${standbys.following.join(" and ")} ${standbys.following.length > 1 ? "follow" : "follows"} from a new clone.`,
          ]),
      ...notes,
    ].join("\n"),
  );
  if (notes.length > 0) throw new CliError("", 3);
}
