import type { RestorePlan } from "../../../../contract/restorePlan";
import type { Backup } from "../info";
import { positionOf } from "../segments";
import { restoreArguments } from "./arguments";
import type { Beginning } from "./begin";
import { notes, plannedSet, reached, targetOf } from "./described";
import { estimate } from "./estimate";
import type { Leg, RepositoryFacts, ResolvedWish, Sought, StackFacts, WalPlace } from "./facts";
import { isBefore, segmentAt } from "./lsn";
import * as refusal from "./refusals";
import type { OrRefused } from "./target";
import { stopOf } from "./timelines";
import { walAlong, type WalPath } from "./walPath";

/** The plan for a repository, when its WAL was searched for the target. */
export function planIn(
  { timeline, path, sets }: Beginning,
  repository: RepositoryFacts,
  wish: ResolvedWish,
  stack: StackFacts,
  sought: Sought,
): OrRefused<RestorePlan> {
  const asked = { repository, wish, stack, timeline };
  if (sought.kind === "earlier") return refusal.beforeOldest(asked, sets[0]);
  const place = placeIn(asked, sought, sets);
  if (place && "refused" in place) return place;
  const before = place
    ? sets.filter((one) => !isBefore(place.lsn, stopOf(one) ?? place.lsn))
    : sets;
  const set = bestOf(before, repository);
  if (!set?.wal) {
    return wish.set === undefined
      ? refusal.beforeOldest(asked, sets[0])
      : refusal.setNewer(asked, sets[0]);
  }
  const wal = walAlong(path, repository, set.wal.start, lastSegment(wish, set.wal, place));
  if (wal.missing !== undefined) {
    const last = "last" in sought ? sought.last : undefined;
    return refusal.gap(asked, wal.missing, { last, set: wholeBefore(wal.missing, sets) });
  }
  return planned({
    asked,
    path,
    set,
    wal,
    place: place ?? ("last" in sought ? sought.last : undefined),
  });
}

/** Where the recovery stops. Undefined: at the end of all WAL, or of the backup, or nobody has looked. */
function placeIn(
  asked: refusal.Asked,
  sought: Exclude<Sought, { kind: "earlier" }>,
  sets: Beginning["sets"],
): OrRefused<WalPlace | undefined> | undefined {
  const { target, set } = asked.wish;
  if (target.kind === "latest" || target.kind === "immediate") return undefined;
  switch (sought.kind) {
    case "found":
      return sought.place;
    case "undone":
      return refusal.undone(asked, sought.fork);
    case "gap": {
      const { missing, last } = sought;
      return refusal.gap(asked, missing, { last, set: wholeBefore(missing, sets) });
    }
    case "absent":
      return target.kind === "xid" || target.kind === "name"
        ? refusal.neverWas(asked)
        : refusal.afterLast(asked, sought.last);
    case "not-read":
      // Only the recovery itself will tell.
      return set === undefined ? refusal.notFound(asked) : undefined;
  }
}

/** The newest backup that needs nothing of a missing segment, nor of what follows it. */
const wholeBefore = (missing: string, sets: readonly Backup[]) =>
  sets.findLast(({ wal }) => wal && positionOf(wal.stop).number < positionOf(missing).number);

/** The newest backup without a known fault, or else the newest. */
function bestOf(sets: readonly Backup[], { invalid }: RepositoryFacts): Backup | undefined {
  return (
    sets.findLast(({ pageErrors, label }) => !pageErrors && !invalid.includes(label)) ?? sets.at(-1)
  );
}

/** The number of the last segment that is read. Undefined: as far as there is WAL. */
function lastSegment(
  { target }: ResolvedWish,
  { stop }: NonNullable<Backup["wal"]>,
  place: WalPlace | undefined,
): number | undefined {
  const { number } = positionOf(stop);
  if (target.kind === "immediate") return number;
  return place && Math.max(number, segmentAt(place.lsn));
}

interface Planned {
  asked: refusal.Asked;
  path: readonly Leg[];
  set: Backup;
  wal: WalPath;
  place: WalPlace | undefined;
}

function planned({ asked, path, set, wal, place }: Planned): RestorePlan {
  const { repository, wish, stack, timeline } = asked;
  const { target } = wish;
  const files = wal.files.map(({ segment }) => segment);
  const walBytes = wal.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const guess = estimate({ bytes: set.bytes, walBytes }, stack.runs);
  const from = set.wal?.start ?? "";
  const begins = positionOf(from).timeline;
  return {
    target: targetOf(asked),
    repository: { number: repository.number, location: repository.location },
    set: plannedSet(set, asked),
    timeline,
    through: path.map((leg) => leg.timeline).filter((one) => one >= begins),
    wal: {
      ...{ from, to: files.at(-1) ?? from, segments: files.length, bytes: walBytes },
      ...(stack.maxWal === undefined ? {} : { maxSize: stack.maxWal }),
    },
    ...(place && target.kind !== "time" && target.kind !== "immediate"
      ? { reaches: reached(place, asked) }
      : {}),
    ...(guess ? { estimate: guess } : {}),
    arguments: restoreArguments(
      {
        ...{ repository: repository.number, set: set.label, timeline, target },
        withoutHistory: timeline > 1 && !repository.histories.has(timeline),
      },
      { major: stack.major, archive: wish.inPlace === true },
    ),
    notes: notes(asked, set, place),
  };
}
