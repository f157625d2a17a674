import { isObject, isUnknown } from "./values";
import type { Diff, Props } from "./provider";

/** Deep equality of plain values; a missing key equals an undefined value. */
export function equal(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => equal(item, right[i]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => equal(left[key], right[key]));
}

/** Those of the given top-level keys whose values differ. An unknown value differs. */
export function changedKeys(olds: Props, news: Props, keys: readonly string[]): string[] {
  return keys.filter((key) => isUnknown(news[key]) || !equal(olds[key], news[key]));
}

/** The decision for these changed keys. */
export function decide(changed: string[], replacing: (key: string) => boolean): Diff {
  return {
    changes: changed.length > 0,
    replaces: changed.filter(replacing),
    diffs: changed,
  };
}

/**
 * The decision without the ignored properties. The engine replaces their values by the old inputs, but
 * a kind compares with the state, which may have drifted from those.
 */
export function without(diff: Diff, ignored: readonly string[]): Diff {
  const kept = (key: string) => !ignored.includes(key);
  const diffs = diff.diffs.filter(kept);
  const replaces = diff.replaces.filter(kept);
  const changes = diff.changes && diffs.length + replaces.length > 0;
  // As in Pulumi's Terraform bridge, not when only the program's replaceOnChanges asks for a replacement.
  return {
    changes,
    diffs,
    replaces,
    deleteBeforeReplace: diff.deleteBeforeReplace && replaces.length > 0,
  };
}
