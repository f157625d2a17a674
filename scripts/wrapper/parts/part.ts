import { type Part, partsAmong } from "../../cli/parts/part";
import { hiddenSecret, type StepEvent } from "../events";

/** The containers among the resources of an update. */
export function partsOf(resources: readonly StepEvent[]): Part[] {
  return partsAmong(
    resources.flatMap(({ urn, type, new: now }) =>
      now ? [{ urn, type, provider: now.provider, inputs: shown(now.inputs) }] : [],
    ),
  );
}

function shown(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== hiddenSecret));
}
