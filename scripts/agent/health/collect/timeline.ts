import {
  isUnknown,
  type Seen,
  type StackFacts,
  type StandbyFacts,
} from "../../../../contract/health/facts";

/** The newest timeline of the primary. One that was set back counts once every standby follows it. */
export function newestTimeline(
  known: number | undefined,
  { primary, standbys }: StackFacts,
): number | undefined {
  const seen = isUnknown(primary) ? undefined : primary.timeline;
  if (seen === undefined || known === undefined) return seen ?? known;
  const all = Object.values(standbys);
  const follow = (one: Seen<StandbyFacts>) =>
    !isUnknown(one) && one.streaming && one.timeline === seen;
  return all.length > 0 && all.every(follow) ? seen : Math.max(seen, known);
}
