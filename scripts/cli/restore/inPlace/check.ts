import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import { lastLeg, lsnValue } from "../point";

type Reached = NonNullable<InPlaceJournal["reached"]>;

/** What the server says of its recovery, with the history of its timeline. */
export interface Said extends Reached {
  history?: string;
}

/**
 * The point that the recovery reached. Where the new timeline begins is in its history, and outlives a restart. What
 * is in memory does not, and after a crash it is of another recovery.
 */
export function recoveryEnd({ history = "", ...said }: Said): Reached {
  const [, fork] = lastLeg(history);
  const [begins, replayed] = [lsnValue(fork), lsnValue(said.lsn)];
  if (fork === undefined || begins === undefined) return said;
  const { at, ...rest } = said;
  const isOfThis = at !== undefined && replayed !== undefined && replayed <= begins;
  return { ...rest, lsn: fork, ...(isOfThis ? { at } : {}) };
}

/** What the restored server came to, compared with what was planned: one sentence on the difference, or none. */
export function notReached(journal: InPlaceJournal, reached: Reached): string | undefined {
  const { plan, left } = journal;
  if (reached.timeline !== undefined && reached.timeline <= plan.timeline) {
    return `The primary is on timeline ${reached.timeline}, and should have opened a new one after ${plan.timeline}.`;
  }
  // A server whose timeline has no history, and that was started again since, does not know.
  if (reached.lsn === undefined) return undefined;
  const wanted = leastLsn(journal);
  if (wanted !== undefined && position(reached.lsn) < position(wanted)) {
    return `The recovery ended at ${reached.lsn}, before ${wanted}, where ${plan.target} is.`;
  }
  if (plan.kind === "time" && reached.at !== undefined && plan.value !== undefined) {
    if (Date.parse(reached.at) > Date.parse(plan.value)) {
      return `The last transaction is of ${reached.at}, after ${plan.target}.`;
    }
  }
  const stopped = plan.kind === "latest" && left?.timeline === plan.timeline ? left.lsn : undefined;
  // The stop ends a segment, and writes its last checkpoint into the next one.
  if (stopped !== undefined && position(reached.lsn) < segmentOf(stopped)) {
    return `The recovery ended at ${reached.lsn}, and the primary had written up to ${stopped}.`;
  }
  return undefined;
}

function leastLsn({ plan }: InPlaceJournal): string | undefined {
  return plan.kind === "lsn" ? plan.value : plan.reaches;
}

function position(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

const segmentBytes = 16n << 20n;

const segmentOf = (lsn: string) => (position(lsn) / segmentBytes) * segmentBytes;

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
