import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import { lsnValue } from "../../../primary/recovered";

/** Where the primary was when it was stopped. A damaged pg_control does not say where its checkpoint is. */
export function leftAt(
  timeline: number | undefined,
  checkpoint: string,
): NonNullable<InPlaceJournal["left"]> {
  return {
    ...(timeline ? { timeline } : {}),
    ...(lsnValue(checkpoint) === undefined ? {} : { lsn: checkpoint }),
  };
}

/** Logins whose password is not the one from before the restore, and those that are not there. */
export function otherLogins(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): { changed: string[]; missing: string[] } {
  const names = Object.keys(before).toSorted();
  return {
    changed: names.filter((name) => now[name] !== undefined && now[name] !== before[name]),
    missing: names.filter((name) => now[name] === undefined),
  };
}

/**
 * The timeline that a restore opened: the one of the primary's data, where that is newer than the one that the recovery
 * followed. Undefined: it opened none.
 */
export function openedTimeline(
  journal: InPlaceJournal | undefined,
  live: number | undefined,
  before: number | undefined,
): number | undefined {
  const noted = journal?.reached?.timeline;
  if (noted !== undefined && noted > (journal?.plan.timeline ?? noted)) return noted;
  const followed = journal?.plan.timeline ?? before;
  return live !== undefined && followed !== undefined && live > followed && live !== before
    ? live
    : undefined;
}
