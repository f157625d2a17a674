import { equal } from "../protocol/compare";
import { isObject } from "../protocol/values";

/** Keepers as the state holds them: a map of texts; numbers and booleans become text. */
export function plainKeepers(keepers: unknown): unknown {
  if (!isObject(keepers)) return keepers;
  return Object.fromEntries(Object.entries(keepers).map(([key, value]) => [key, text(value)]));
}

/** Whether new keepers require a new value. Empty keepers mean the same as missing ones. */
export function keepersReplace(olds: unknown, news: unknown): boolean {
  return !equal(olds ?? {}, news ?? {});
}

function text(value: unknown): unknown {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}
