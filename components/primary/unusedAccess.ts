import { sshAccessKeys } from "./externalSchema";

/**
 * The raw configuration without the keys of access by SSH where access is by SQL. They may stay in the stack
 * file, so that a change of `kind` is one word in both directions. Any other key is still an error.
 */
export function withoutUnusedAccess(raw: unknown): unknown {
  if (!isObject(raw) || !isObject(raw["primary"])) return raw;
  const { access } = raw["primary"];
  if (!isObject(access) || access["kind"] !== "sql") return raw;
  const used = Object.entries(access).filter(([key]) => !sshAccessKeys.has(key));
  return { ...raw, primary: { ...raw["primary"], access: Object.fromEntries(used) } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
