import { inPlaceFiles, type InPlaceJournal } from "../../../../contract/restoreInPlace";
import { notReached } from "../../../primary/recovered";
import { CliError } from "../../terminal/cliError";
import { restoreFiles } from "../restoreFiles";
import { leftAt } from "./check";
import type { Outage } from "./outage";
import type { Place } from "./place";
import type { VolumeState } from "./volume";

/** What a step works with. The journal is what the volume has, and what follows is written there. */
export interface Course {
  place: Place;
  journal: InPlaceJournal;
  seen: VolumeState;
  outage: Outage;
  times: Times;
}

/** What plans estimate by, in seconds. Absent: it was not done as a whole. */
export interface Times {
  copy?: number;
  replay?: number;
}

const secondsSince = (began: number) => (performance.now() - began) / 1000;

/** Restores the backup's files beside the primary's data, while the primary runs. */
export async function filesStep({ place, journal, seen, times }: Course): Promise<void> {
  const { session, volume } = place;
  // pgBackRest compares what is there with the backup, and copies what differs.
  if (!seen.resumable) await volume.empty();
  await volume.note({ ...journal, phase: "restoring" });
  const began = performance.now();
  await copy(place, journal, inPlaceFiles.restoring, seen.resumable ? ["--delta"] : []);
  if (!seen.resumable) times.copy = secondsSince(began);
  session.stopIfInterrupted(untouched(place));
  await volume.note({ ...journal, phase: "restored" });
}

/** What an interruption leaves before anything was stopped. */
const untouched = ({ session }: Place) =>
  `the primary runs as before, '${session.command("restore --in-place")}' goes on and '${session.command("restore --undo")}' takes back what was begun`;

async function copy(
  { container, stanza, say, session }: Place,
  { plan }: InPlaceJournal,
  folder: string,
  options: readonly string[],
  signal = session.signal,
): Promise<void> {
  const words = [...plan.words, ...options];
  await restoreFiles(container, { stanza, words, folder, bytes: plan.bytes, say, signal });
}

/** Stops everything, and lets the restored data take the primary's place. */
export async function swapStep(course: Course): Promise<void> {
  const { place } = course;
  place.session.stopIfInterrupted(untouched(place));
  const stopped = await stopAll(course);
  await place.volume.swap(stopped, rescued(stopped));
}

/** The same with the primary's own data, which are overwritten. From here on nothing ends it half-way. */
export async function overwriteStep(course: Course): Promise<void> {
  const { place } = course;
  place.session.stopIfInterrupted("nothing was changed");
  const stopped = await stopAll(course);
  await place.volume.beginOverwrite(stopped, rescued(stopped));
  await copy(place, stopped, inPlaceFiles.live, ["--delta"], undefined);
  await place.volume.endOverwrite(stopped);
}

/** WAL that no repository has belongs to the newest state, and to no earlier one. */
function rescued({ plan, left }: InPlaceJournal): number | undefined {
  return plan.kind === "latest" && left?.timeline === plan.timeline ? plan.timeline : undefined;
}

/** Stops the standbys and the primary. What was true before is noted before anything stops. */
async function stopAll({ place, journal, seen, outage }: Course): Promise<InPlaceJournal> {
  const { server, standbys, volume } = place;
  // One that goes on may find the primary stopped already.
  const logins = await server.logins().catch(() => journal.logins);
  const names = [...new Set([...journal.standbys, ...standbys.keys()])];
  const noted = { ...journal, standbys: names, ...(logins ? { logins } : {}) };
  if (seen.folders.live !== "none" && journal.phase !== "overwriting") await volume.note(noted);
  await outage.begin(names);
  const stopped = { ...noted, away: Object.fromEntries(outage.away) };
  const { timeline, checkpoint, folders } = await volume.look();
  // What has the primary's name after the swap is the restored data.
  if (folders.live !== "whole" || folders.before) return stopped;
  return { ...stopped, left: leftAt(timeline, checkpoint) };
}

/** Starts the primary on the restored data, and compares what it comes to with what was planned. */
export async function replayStep({ place, journal, outage, times }: Course): Promise<void> {
  const { server, session, volume } = place;
  const began = performance.now();
  await session.unlessInterrupted(
    server.start(place.turnOf(server.name)),
    `${server.name} goes on replaying; '${session.command("restore --in-place")}' goes on from there`,
  );
  times.replay = secondsSince(began);
  const reached = await server.reached();
  const problem = notReached(journal, reached);
  if (problem !== undefined) {
    await outage.hold();
    const { timeline = 0 } = reached;
    // The undo takes the timeline that is noted out of the repositories.
    const opened = timeline > journal.plan.timeline ? { reached } : {};
    await volume.note({ ...journal, ...opened, problem });
    throw new CliError(`${problem} ${wayBack(place, journal)}`);
  }
  await server.forgetRecovery();
  await volume.note({ ...journal, reached, phase: "following" });
  await outage.end();
}

export const wayBack = ({ session }: Place, { delta }: Pick<InPlaceJournal, "delta">) =>
  delta
    ? `Nothing is kept: '${session.command("restore --in-place --delta")}' with another target overwrites the data again.`
    : `'${session.command("restore --undo")}' puts the data from before back.`;
