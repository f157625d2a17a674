import { containerName, stackPrefix } from "../../../contract/names";
import { exists } from "../../engine/exists";
import { answering } from "./answering";
import { seenAt } from "./seen";

/** The part of a stack's configuration that says which services have a volume that a step prepares. */
interface StackConfig {
  dockerHost?: string | undefined;
  objectStore?: object | undefined;
  duplicati?: object | undefined;
}

/**
 * The services whose container is gone, a sentence by the step that prepares their volume: `bucket` and `owner`.
 * A volume can only be lost together with its container. Pulumi makes both again under their old names, so it would not
 * see that the step has to run again. `configuration` is there with `bucket`, because an empty bucket has no stanza.
 */
export async function serviceDrift(
  { dockerHost, objectStore, duplicati }: StackConfig,
  { project, stack }: { project: string; stack: string },
): Promise<Record<string, string>> {
  if (!objectStore && !duplicati) return {};
  const engine = await answering(dockerHost);
  if (!engine) return {};
  const goneOf = async (role: "object-store" | "duplicati", steps: readonly string[]) => {
    const name = containerName(stackPrefix(project, stack), role);
    // What cannot be looked at is no reason to stop.
    if (await exists(engine.getContainer(name)).catch(() => true)) return [];
    return steps.map((step) => [step, seenAt(`the container ${name} is gone`)] as const);
  };
  const found = await Promise.all([
    objectStore ? goneOf("object-store", ["bucket", "configuration"]) : [],
    duplicati ? goneOf("duplicati", ["owner"]) : [],
  ]);
  return Object.fromEntries(found.flat());
}
