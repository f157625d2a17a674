import { pgBackRestPaths } from "../../../contract/pgBackRest";
import { isObject } from "./keys";
import type { Located } from "./located";

/**
 * What people should know when the primary of an older release is made anew: the one restart that backups need. It
 * comes with the release, so that no key of the stack file needs one later.
 */
export function archiveNote(changes: readonly Located[]): string[] {
  const first = changes.some(
    ({ kind, fate, place, old, new: now }) =>
      kind === "Container" &&
      fate === "remade" &&
      place.part === "primary" &&
      !mountsConfiguration(old?.inputs) &&
      mountsConfiguration(now?.inputs),
  );
  return first
    ? ["archive_mode is on from now on, so that backups are switched on and off without a restart"]
    : [];
}

function mountsConfiguration(inputs: Record<string, unknown> | undefined): boolean {
  const volumes = inputs?.["volumes"];
  return (
    Array.isArray(volumes) &&
    volumes.some((one) => isObject(one) && one["containerPath"] === pgBackRestPaths.conf)
  );
}
