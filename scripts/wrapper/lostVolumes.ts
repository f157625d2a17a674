import type { Operation, StepEvent } from "./events";

const volumeType = "docker:index/volume:Volume";

/** What takes a volume away from the stack, in the words of a sentence. */
const verbs: Partial<Record<Operation, "delete" | "replace">> = {
  delete: "delete",
  discard: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "discard-replaced": "replace",
};

/** A data volume that a run would take away. */
export interface LostVolume {
  urn: string;
  /** The volume's name on its engine, or that of the resource where the plan does not say. */
  name: string;
  verb: "delete" | "replace";
}

/**
 * The data volumes that a run would delete or replace. Pulumi protects them, so it refuses to, and for a replacement
 * it only says so: then the resource of the error is all there is.
 *
 * @param refused the resources that errors of the run are about
 */
export function lostVolumes(
  steps: readonly StepEvent[],
  refused: readonly string[] = [],
): LostVolume[] {
  const lost = new Map<string, LostVolume>();
  for (const { op, urn, type, name, old } of steps) {
    const verb = verbs[op];
    // A volume without data goes with its part.
    if (!verb || type !== volumeType || !(old?.protect || old?.retainOnDelete)) continue;
    lost.set(urn, { urn, verb, name: nameOnEngine(old.outputs, old.inputs) ?? name });
  }
  for (const urn of refused) {
    const [, , types = "", name = ""] = urn.split("::");
    if (!lost.has(urn) && types.split("$").at(-1) === volumeType)
      lost.set(urn, { urn, name, verb: "replace" });
  }
  return [...lost.values()];
}

function nameOnEngine(...values: Record<string, unknown>[]): string | undefined {
  return values.map(({ name }) => name).find((name) => typeof name === "string");
}

/** One sentence for each of them. */
export const lossSentences = (volumes: readonly LostVolume[]): string[] =>
  volumes.map(({ name, verb }) =>
    verb === "delete"
      ? `This change would delete the data volume ${name}.`
      : `This change would replace the data volume ${name} by an empty one.`,
  );
