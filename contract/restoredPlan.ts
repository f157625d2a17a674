import { z } from "zod";
import { dataFolder } from "./names";
import { plannedRestore, type PlannedRestore } from "./restoreInPlace";

/**
 * The plan by which the data of a lost primary were restored, beside them. `up` starts the server, compares what its
 * recovery came to with this file, and removes it.
 */
export const restoredPlanFile = `${dataFolder("primary")}/restored.json`;

const schema = z.object({ version: z.literal(1), plan: plannedRestore });

/** The text of the file. */
export const writeRestoredPlan = (plan: PlannedRestore): string =>
  JSON.stringify({ version: 1, plan } satisfies z.input<typeof schema>);

/** Reads the file's text. Undefined: it is no plan, or one of a newer release. */
export function readRestoredPlan(text: string): PlannedRestore | undefined {
  try {
    return schema.parse(JSON.parse(text)).plan;
  } catch {
    return undefined;
  }
}
