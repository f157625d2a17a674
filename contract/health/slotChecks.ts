import type { Advice, Check, Thresholds } from "./check";
import { isUnknown, type SlotFacts, type StackFacts } from "./facts";
import { percentOf, serverBytes } from "./figures";

/** The slots of the primary, and those of the standbys that it lacks. */
export function slotChecks(
  { primary, slots }: StackFacts,
  advice: Advice,
  thresholds: Thresholds,
): Check[] {
  if (isUnknown(primary)) return [];
  const names = new Set(primary.slots.map(({ name }) => name));
  const missing = Object.entries(slots).filter(([, slot]) => !names.has(slot));
  return [
    ...primary.slots.map((slot) => slotCheck(slot, slots, advice, thresholds)),
    ...missing.map(([standby, slot]): Check => ({
      ...{ name: `slot ${slot}`, status: "failed", command: advice.up },
      sentence: `The primary has no such slot, so it may remove WAL that ${standby} needs.`,
    })),
  ];
}

function slotCheck(
  { name: slot, active, status: state, bytes: kept, limit }: SlotFacts,
  slots: Readonly<Record<string, string>>,
  { up, operator }: Advice,
  { slotPercent, slotFailedPercent }: Thresholds,
): Check {
  const name = `slot ${slot}`;
  if (state === "lost") {
    const sentence = "It has lost WAL that its standby needs, so the standby must be cloned again.";
    return { name, status: "failed", sentence, command: up };
  }
  const used = kept ?? 0;
  const percent = limit === null ? undefined : percentOf(used, limit);
  const of = limit === null ? "without a limit" : `of ${serverBytes(limit)} (${percent} %)`;
  const unused = active ? "" : "Nothing uses it. ";
  const measured =
    percent === undefined
      ? {}
      : { value: percent, unit: "percent" as const, threshold: slotPercent };
  const full = percent !== undefined && percent >= slotFailedPercent;
  const filling = !active || (percent !== undefined && percent >= slotPercent);
  const [standby] = Object.entries(slots).find(([, one]) => one === slot) ?? [];
  // A standby that is away comes back by `up`; why one is slow stands in its log.
  const command = standby && (active ? operator(`logs ${standby}`) : up);
  return {
    name,
    status: full ? "failed" : filling ? "degraded" : "good",
    sentence: `${unused}It keeps ${serverBytes(used)} of WAL, ${of}.`,
    ...measured,
    ...((full || filling) && command ? { command } : {}),
  };
}
