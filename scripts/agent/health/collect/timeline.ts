import { type Cluster, isSameCluster } from "../../../../contract/health/acceptPrimary";
import {
  isUnknown,
  type Seen,
  type StackFacts,
  type StandbyFacts,
} from "../../../../contract/health/facts";

/**
 * The newest timeline of the stack's cluster. One that was set back counts once every standby follows it, or once a
 * person has accepted it. What another cluster says counts once that one is the stack's.
 */
export function newestTimeline(
  known: Cluster | undefined,
  { primary, standbys }: StackFacts,
  accepted?: Cluster,
): Cluster | undefined {
  if (isUnknown(primary)) return known;
  const { systemIdentifier, timeline, before } = primary;
  if (systemIdentifier === undefined || timeline === undefined) return known;
  const seen = { systemIdentifier, timeline };
  if (accepted && isSameCluster(accepted, seen)) return seen;
  if (before && before.systemIdentifier !== systemIdentifier) return known;
  if (known?.systemIdentifier !== systemIdentifier) return seen;
  const all = Object.values(standbys);
  const follow = (one: Seen<StandbyFacts>) =>
    !isUnknown(one) && one.streaming && one.timeline === timeline;
  const isTaken = all.length > 0 && all.every(follow);
  return isTaken || timeline > known.timeline ? seen : known;
}
