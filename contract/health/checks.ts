import { agentChecks } from "./agentChecks";
import { type Advice, type Check, defaultThresholds, type Thresholds } from "./check";
import { diskChecks } from "./diskChecks";
import type { StackFacts } from "./facts";
import { ageChecks, clockChecks, ownChecks, serviceChecks } from "./partChecks";
import { poolerChecks } from "./poolerChecks";
import { primaryChecks } from "./primaryChecks";
import { slotChecks } from "./slotChecks";
import { standbyChecks } from "./standbyChecks";

export { disksIn, disksTogether } from "./diskChecks";

/** Everything that the facts say about a stack. What the stack does not have makes no noise. */
export function checksOf(
  facts: StackFacts,
  advice: Advice,
  thresholds: Thresholds = defaultThresholds,
): Check[] {
  return [
    ...primaryChecks(facts, advice, thresholds),
    ...standbyChecks(facts, advice, thresholds),
    ...slotChecks(facts, advice, thresholds),
    ...(facts.pooler ? poolerChecks(facts.pooler, advice, thresholds) : []),
    ...serviceChecks(facts, advice),
    ...agentChecks(facts, advice, thresholds),
    ...clockChecks(facts, thresholds),
    ...diskChecks(facts, advice, thresholds),
    ...ageChecks(facts, advice, thresholds),
    ...ownChecks(facts, advice),
  ];
}
