import type { Recorded, RecordedThing } from "../engines/recorded";

/** What this reads of a step of a preview. */
export interface PlannedStep {
  op: string;
  type: string;
  urn: string;
  new?: { inputs: Record<string, unknown> };
}

/** The operations by which Pulumi deletes a resource to make another one of it. */
const replacing = ["replace", "create-replacement", "delete-replaced"];

/**
 * The containers that a run will take away and make anew, those first that others depend on. A container
 * that the configuration no longer has is none of them: to delete it is what the user asked for.
 */
export function replacedContainers(
  steps: readonly PlannedStep[],
  { things }: Recorded,
): RecordedThing[] {
  const urns = new Set(steps.filter(({ op }) => replacing.includes(op)).map(({ urn }) => urn));
  return things.filter(({ kind, urn }) => kind === "container" && urns.has(urn));
}
