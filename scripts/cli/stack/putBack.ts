import { isDeepStrictEqual } from "node:util";
import { type ExportedState, resourcesOf, withoutPrimarySteps } from "./exportedState";

/**
 * The state after a destroy that was refused or failed, with what was taken out of it before: the protection of the data
 * and their secrets, and, where nothing was destroyed or changed since, the steps on the primary. Without them a later
 * destroy would forget the secrets, or leave what is on the primary.
 */
export function putBack(now: ExportedState, before: ExportedState): ExportedState {
  if ([before, withoutPrimarySteps(before)].some((one) => isSame(now, one))) return before;
  const protectedBefore = new Set(
    resourcesOf(before).flatMap(({ urn, protect }) => (protect ? [urn] : [])),
  );
  const resources = resourcesOf(now).map((one) =>
    protectedBefore.has(one.urn) ? { ...one, protect: true } : one,
  );
  return { ...now, deployment: { ...now.deployment, resources } };
}

function isSame(one: ExportedState, other: ExportedState): boolean {
  const bare = (state: ExportedState) =>
    resourcesOf(state).map(({ protect: _, ...resource }) => withoutEmpty(resource));
  return isDeepStrictEqual(bare(one), bare(other));
}

/** Pulumi leaves out what is empty when it writes a state, and may encrypt a secret anew. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, withoutEmpty(one)] as const);
  return Object.fromEntries(entries.filter(([key, one]) => key !== "ciphertext" && !isEmpty(one)));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "object" && Object.keys(value).length === 0);
