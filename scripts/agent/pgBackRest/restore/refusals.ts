import { inBoth, microsOf } from "../../../../contract/pgTime";
import type { RefusalCode, RestoreRefusal } from "../../../../contract/restorePlan";
import { xidWords } from "../../../../contract/restoreTarget";
import type { Backup } from "../info";
import type { Fork, RepositoryFacts, ResolvedWish, StackFacts, WalPlace } from "./facts";
import { stopOf, timelineOf, timelinesIn } from "./timelines";

/** What a sentence of refusal is about. */
export interface Asked {
  repository: RepositoryFacts;
  wish: ResolvedWish;
  stack: StackFacts;
  /** The timeline that the restore would follow. */
  timeline: number;
}

type Refused = { refused: RestoreRefusal };

const refuse = ({ repository }: Asked, code: RefusalCode, sentence: string): Refused => ({
  refused: {
    code,
    sentence: sentence.charAt(0).toUpperCase() + sentence.slice(1),
    repository: repository.number,
  },
});

const list = "`npm run laterbase -- list-backups` shows them";

/** The target in a sentence. */
export function targetWords({ target }: ResolvedWish, { timeZone }: StackFacts): string {
  switch (target.kind) {
    case "time":
      return inBoth(target.moment, timeZone);
    case "xid":
      return `transaction ${xidWords(target)}`;
    case "lsn":
      return `the LSN ${target.lsn}`;
    case "name":
      return `the restore point "${target.name}"`;
    case "immediate":
      return "the end of a backup";
    default:
      return "the newest state";
  }
}

const words = ({ wish, stack }: Asked) => targetWords(wish, stack);

const ended = (backup: Backup, { stack }: Asked) =>
  inBoth(microsOf(backup.endedAt), stack.timeZone);

/** ` of 2026-11-29 12:00:00 UTC`, where the time is known. */
const of = (place: WalPlace | undefined, { stack }: Asked) =>
  place?.at === undefined ? "" : ` of ${inBoth(place.at, stack.timeZone)}`;

export const noBackup = (asked: Asked): Refused =>
  refuse(
    asked,
    "no-backup",
    `Repository ${asked.repository.number} has no backup: \`npm run laterbase -- backup full\` makes one.`,
  );

export function lostTimeline(asked: Asked): Refused {
  const { repository, timeline } = asked;
  const others = timelinesIn(repository).filter((one) => one !== timeline);
  const there = others.length > 0 ? ` It knows ${others.join(", ")}.` : "";
  const sentence = `Timeline ${timeline} is lost: repository ${repository.number} does not have its history.${there}`;
  return refuse(asked, "lost-timeline", sentence);
}

export function noWay(asked: Asked): Refused {
  const { repository, timeline } = asked;
  const sentence =
    `Timeline ${timeline} is lost: no backup of repository ${repository.number} leads to it; each of them ended on ` +
    "another timeline, or after this one had left it.";
  return refuse(asked, "lost-timeline", sentence);
}

export const unknownSet = (asked: Asked): Refused =>
  refuse(
    asked,
    "unknown-set",
    `Repository ${asked.repository.number} has no backup ${asked.wish.set}: ${list}.`,
  );

export function setTimeline(asked: Asked, backup: Backup): Refused {
  const own = timelineOf(backup);
  const sentence =
    own === undefined
      ? `The backup ${backup.label} does not say which WAL it needs, so it cannot be restored.`
      : `The backup ${backup.label} is on timeline ${own} and does not lead to timeline ${asked.timeline}: ` +
        `add --timeline ${own}, or choose another --set.`;
  return refuse(asked, "set-timeline", sentence);
}

/** When the backup ended, or up to where, as the target is given. */
function endOf(backup: Backup, asked: Asked): string {
  const at = `ended at ${ended(backup, asked)}`;
  return asked.wish.target.kind === "lsn" ? `${at}, at the LSN ${stopOf(backup)}` : at;
}

export function setNewer(asked: Asked, backup: Backup): Refused {
  const sentence =
    `The backup ${backup.label} is newer than the target: it ${endOf(backup, asked)}. ` +
    "Without --set, the newest one before the target is taken.";
  return refuse(asked, "set-newer", sentence);
}

export function beforeOldest(asked: Asked, oldest: Backup): Refused {
  const sentence =
    `${words(asked)} is before the end of the oldest backup that could lead there: ${oldest.label} in repository ` +
    `${asked.repository.number} ${endOf(oldest, asked)}.`;
  return refuse(asked, "before-oldest", sentence);
}

export function afterLast(asked: Asked, last: WalPlace | undefined): Refused {
  const { repository, wish } = asked;
  const known = last
    ? `the last transaction that is archived in repository ${repository.number}, ${last.lsn}${of(last, asked)}`
    : `what is archived in repository ${repository.number}`;
  const option = wish.target.kind === "lsn" ? "--to-lsn" : "--to-time";
  const sentence =
    `${words(asked)} is not before ${known}: leave ${option} away to get everything that is archived, ` +
    "or run `npm run laterbase -- check`, which archives what the primary has written since.";
  return refuse(asked, "after-last", sentence);
}

export const neverWas = (asked: Asked): Refused =>
  refuse(
    asked,
    "never-was",
    `${words(asked)} is not in the WAL of timeline ${asked.timeline} in repository ${asked.repository.number}` +
      `${asked.wish.target.kind === "xid" ? ": it never was, wrote nothing, or has not ended there" : ""}.`,
  );

export const notFound = (asked: Asked): Refused =>
  refuse(
    asked,
    "not-found",
    `${words(asked)} was not found in the newest WAL of repository ${asked.repository.number}, and there is more than ` +
      "can be read: name a backup before it with --set.",
  );

export function undone(asked: Asked, { from, at }: Fork): Refused {
  const since = at === undefined ? "" : ` after ${inBoth(at, asked.stack.timeZone)}`;
  const sentence =
    `A restore undid what was written${since} on timeline ${from}, and ${words(asked)} is in that time: ` +
    `add --timeline ${from} to get it back, or --timeline ${asked.timeline} for the state that stayed.`;
  return refuse(asked, "undone", sentence);
}

/** What can be reached before missing WAL: the last transaction there, or else the end of the backup. */
function beforeGap(asked: Asked, last: WalPlace | undefined, set: Backup | undefined): string {
  if (last?.at !== undefined) {
    return ` The last transaction before it is${of(last, asked)}: a --to-time before that can be reached.`;
  }
  return set ? ` \`--set ${set.label} --immediate\` gets the end of the backup before it.` : "";
}

/** @param set the newest backup that the restore could begin with. Absent: its own WAL is missing */
export function gap(
  asked: Asked,
  missing: string,
  { last, set }: { last?: WalPlace | undefined; set?: Backup | undefined },
): Refused {
  const { repository, wish } = asked;
  const what =
    wish.target.kind === "latest"
      ? "a restore would end there, without what was written later"
      : `${words(asked)} is not before it`;
  const sentence =
    `The WAL segment ${missing} is missing in repository ${repository.number}: ${what}.` +
    beforeGap(asked, last, set);
  return refuse(asked, "gap", sentence);
}
