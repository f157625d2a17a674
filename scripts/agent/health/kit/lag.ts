import { isUnknown, type StackFacts } from "../../../../contract/health/facts";

/** Seconds that a standby is behind: by the monitor's own look, otherwise by what the primary says. Absent: unknown. */
export function lagOfStandby(facts: StackFacts, name: string): number | undefined {
  const standby = facts.standbys[name];
  if (standby === undefined || isUnknown(standby) || !standby.inRecovery) return undefined;
  if (standby.lagSeconds != null) return Math.max(0, standby.lagSeconds);
  if (!standby.streaming || isUnknown(facts.primary)) return undefined;
  const sent = facts.primary.replicas.find(({ slot }) => slot === facts.slots[name]);
  return sent?.seconds == null ? undefined : Math.max(0, sent.seconds);
}
