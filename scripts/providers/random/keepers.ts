import { equal } from "../protocol/compare";
import { isObject } from "../protocol/values";

/** Keepers as they are kept: a map of texts, numbers and booleans being written out. */
export function plainKeepers(keepers: unknown): unknown {
  if (!isObject(keepers)) return keepers;
  return Object.fromEntries(Object.entries(keepers).map(([key, value]) => [key, text(value)]));
}

/** Whether new keepers ask for a new value. Keepers without a key are as good as none. */
export function keepersReplace(olds: unknown, news: unknown): boolean {
  return !equal(olds ?? {}, news ?? {});
}

function text(value: unknown): unknown {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}
