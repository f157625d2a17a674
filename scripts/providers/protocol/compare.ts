import { isObject, isUnknown } from "./values";
import type { Diff, Props } from "./provider";

/** Deep equality of plain values; an absent key equals an undefined one. */
export function equal(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => equal(item, right[i]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => equal(left[key], right[key]));
}

/** The top-level keys, of those given, whose values differ. An unknown value differs. */
export function changedKeys(olds: Props, news: Props, keys: readonly string[]): string[] {
  return keys.filter((key) => isUnknown(news[key]) || !equal(olds[key], news[key]));
}

/** The decision that follows from the changed keys and those of them that replace. */
export function decide(changed: string[], replacing: (key: string) => boolean): Diff {
  return {
    changes: changed.length > 0,
    replaces: changed.filter(replacing),
    diffs: changed,
  };
}

/**
 * The decision without the ignored properties. The engine puts the old inputs in their place, but
 * a kind compares with the state, which may have drifted from them.
 */
export function without(diff: Diff, ignored: readonly string[]): Diff {
  const kept = (key: string) => !ignored.includes(key);
  const diffs = diff.diffs.filter(kept);
  const replaces = diff.replaces.filter(kept);
  const changes = diff.changes && diffs.length + replaces.length > 0;
  // Not for a replacement that only the program's replaceOnChanges asks for: as the bridge does.
  return {
    changes,
    diffs,
    replaces,
    deleteBeforeReplace: diff.deleteBeforeReplace && replaces.length > 0,
  };
}
