import { microsOf } from "../../../../contract/pgTime";
import type { Backup } from "../info";
import type { Leg, RepositoryFacts, ResolvedWish, StackFacts } from "./facts";
import { isBefore } from "./lsn";
import * as refusal from "./refusals";
import type { OrRefused } from "./target";
import { leadsAlong, pathTo, stopOf, usualTimeline } from "./timelines";

/** What is known before any WAL is read. */
export interface Beginning {
  timeline: number;
  /** The timelines on the way, the oldest first. */
  path: readonly Leg[];
  /** The backups that a restore can begin with, the oldest first. Of an xid and a name, the WAL decides among them. */
  sets: [Backup, ...Backup[]];
}

/** pgBackRest notes the end of a backup in whole seconds. */
const second = 1_000_000;

/** Chooses the timeline, and the backups that lead to the target as far as it is known without the WAL. */
export function beginIn(
  repository: RepositoryFacts,
  wish: ResolvedWish,
  stack: StackFacts,
): OrRefused<Beginning> {
  const timeline = wish.timeline ?? usualTimeline(repository, stack.timeline);
  const asked = { repository, wish, stack, timeline };
  const { backups } = repository;
  if (backups.length === 0) return refusal.noBackup(asked);
  const path = pathTo(timeline, repository);
  if (!path) return refusal.lostTimeline(asked);
  const leading = backups.filter((one) => leadsAlong(path, one));
  if (wish.set !== undefined) {
    const set = backups.find(({ label }) => label === wish.set);
    if (!set) return refusal.unknownSet(asked);
    if (!leading.includes(set)) return refusal.setTimeline(asked, set);
    return endedBefore(wish, set) ? { timeline, path, sets: [set] } : refusal.setNewer(asked, set);
  }
  const [oldest] = leading;
  if (!oldest) return refusal.noWay(asked);
  const [first, ...rest] = leading.filter((one) => endedBefore(wish, one));
  return first ? { timeline, path, sets: [first, ...rest] } : refusal.beforeOldest(asked, oldest);
}

/** Whether a backup ended before the target. Of an xid and a name only the WAL says it. */
function endedBefore({ target }: ResolvedWish, backup: Backup): boolean {
  if (target.kind === "time") return microsOf(backup.endedAt) + second <= target.moment;
  return target.kind !== "lsn" || !isBefore(target.lsn, stopOf(backup) ?? target.lsn);
}
