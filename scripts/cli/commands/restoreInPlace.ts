import type { JobRecord } from "../../../contract/jobRecord";
import type { InPlaceJournal } from "../../../contract/restoreInPlace";
import type { Followed } from "../restore/inPlace/follow";
import { holdingExpire } from "../restore/holdExpire";
import { type Done, goOn } from "../restore/inPlace/go";
import { Outage } from "../restore/inPlace/outage";
import { inPlace, type Place } from "../restore/inPlace/place";
import type { Session } from "../session";
import { upCommand } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { seconds } from "../terminal/format";
import { noteTimes } from "./restoreBeside";
import { beginInPlace, type InPlaceOptions } from "./restoreInPlacePlan";

/** What a restore in place came to. */
interface RestoredInPlace {
  target: string;
  set: string;
  repository: number;
  reached: NonNullable<InPlaceJournal["reached"]>;
  standbys: Followed;
  /** Whether the data from before are kept. */
  kept: boolean;
  /** How long the pooler's clients waited. Absent: none did. */
  pausedSeconds?: number;
  /** The backups that were made afterwards. Absent: none could be made. */
  backup?: string;
  /** What the operator should know or do, one sentence each. */
  notes: string[];
  seconds: number;
}

/** Puts the primary back in place, or goes on with a restore that was stopped. */
export function restoreInPlace(session: Session, options: InPlaceOptions): Promise<void> {
  return inPlace(session, async (place) => {
    const outage = new Outage(place);
    const { plan, began, done } = await holdingExpire(session, async () => {
      const plan = await beginInPlace(place, options);
      const began = performance.now();
      return { plan, began, done: await goOn(place, outage) };
    });
    const { copy, replay } = done.times;
    // A restore that went on, or that overwrote only what differed, says nothing of the next one.
    if (plan && copy !== undefined && replay !== undefined) {
      const { target } = done.journal.plan;
      await noteTimes(session, plan, { target, seconds: { copy, replay } });
    }
    const { pausedSeconds } = outage;
    await report(place, done, {
      seconds: (performance.now() - began) / 1000,
      ...(pausedSeconds === undefined ? {} : { pausedSeconds }),
    });
  });
}

async function report(
  place: Place,
  { journal, standbys, kept, logins }: Done,
  times: Pick<RestoredInPlace, "seconds" | "pausedSeconds">,
): Promise<void> {
  const { session } = place;
  const made = await backUp(place);
  const { target, set, repository } = journal.plan;
  const result: RestoredInPlace = {
    ...{ target, set, repository, standbys, kept },
    reached: journal.reached ?? {},
    ...("label" in made ? { backup: made.label } : {}),
    notes: [
      ...Object.values(standbys.not),
      ...loginNotes(session, logins),
      ...("why" in made ? [`No backup was made afterwards: ${made.why}`] : []),
    ],
    ...times,
  };
  session.show(result, () => textOf(session, result));
  if (result.notes.length > 0) throw new CliError("", 3);
}

/** Later backups stand on one of the new timeline. */
async function backUp({ session, say }: Place): Promise<{ label: string } | { why: string }> {
  say("Making a backup of the restored server.");
  try {
    const args = { type: "incr", trigger: "operator", record: true };
    const record = await session.askBackups<JobRecord>("backup", args);
    const labels = (record.backups ?? []).flatMap(({ backup }) => backup?.label ?? []);
    return record.result === "success" ? { label: labels.join(", ") } : { why: record.detail };
  } catch (error) {
    return { why: (error as Error).message };
  }
}

function loginNotes(session: Session, { changed, missing }: Done["logins"]): string[] {
  const up = `'${upCommand(session.stack)}' sets those that Laterbase makes.`;
  return [
    ...(changed.length > 0
      ? [`These logins have the password of that time: ${changed.join(", ")}; ${up}`]
      : []),
    ...(missing.length > 0
      ? [`These logins were not there at that time: ${missing.join(", ")}; ${up}`]
      : []),
  ];
}

function textOf(session: Session, restored: RestoredInPlace): string {
  const { target, reached, standbys, kept, pausedSeconds, backup, notes } = restored;
  const at = reached.at === undefined ? "" : `, and its last transaction is of ${reached.at}`;
  const timeline = reached.timeline === undefined ? "" : ` It writes timeline ${reached.timeline}.`;
  const waited =
    pausedSeconds === undefined
      ? ""
      : ` The pooler's clients waited for ${seconds(pausedSeconds)}.`;
  const { following } = standbys;
  return [
    `The primary is back at ${target}${at}.${timeline} It took ${seconds(restored.seconds)}.${waited}`,
    ...(following.length > 0
      ? [
          `${following.join(" and ")} ${following.length > 1 ? "follow" : "follows"} it from a new clone.`,
        ]
      : []),
    ...(backup === undefined ? [] : [`A new backup was made: ${backup}.`]),
    ...notes,
    kept
      ? `The data from before are kept: '${session.command("restore --accept")}' deletes them, '${session.command("restore --undo")}' puts them back.`
      : "Nothing of the data from before is kept.",
  ].join("\n");
}
