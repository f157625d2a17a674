import { equal } from "../protocol/compare";
import type { Diff, Existing, Failure, Props } from "../protocol/provider";
import { hasUnknown, isObject } from "../protocol/values";

/** How one input of a resource is compared. */
export interface Field {
  /** A change replaces the resource. */
  replaces?: boolean;
  /** The engine chooses a value when none is given, so a missing input is not a change. */
  computed?: boolean;
  /** The value of a missing input. */
  default?: unknown;
  /** The allowed keys of objects in it. */
  keys?: readonly string[];
  /** Maps forms with the same meaning to one form. */
  normal?: (value: unknown) => unknown;
  /** A comparison of its own. */
  same?: (old: unknown, next: unknown) => boolean;
}

export type Fields = Record<string, Field>;

/** The decision about a change. It compares with the state, not with the old inputs, to include drift. */
export function diffFields(fields: Fields, { state }: Existing, news: Props): Diff {
  const diffs = Object.entries(fields)
    .filter(([key, field]) => differs(field, state[key], news[key] ?? field.default))
    .map(([key]) => key);
  const replaces = diffs.filter((key) => fields[key]?.replaces);
  return { changes: diffs.length > 0, diffs, replaces };
}

function differs(field: Field, old: unknown, next: unknown): boolean {
  if (hasUnknown(next)) return true;
  if (next === undefined) return !field.computed && !isEmpty(old);
  if (field.same) return !field.same(old, next);
  const normal = field.normal ?? ((value: unknown) => value);
  if (isEmpty(old) && isEmpty(next)) return false;
  return !equal(normal(old), normal(next));
}

/** The defaults of all fields that have one. */
export function defaults(fields: Fields): Props {
  const entries = Object.entries(fields).filter(([, field]) => field.default !== undefined);
  return Object.fromEntries(entries.map(([key, field]) => [key, field.default]));
}

/** The old inputs, with the real values where they differ. */
export function driftedInputs(fields: Fields, inputs: Props, state: Props): Props {
  const entries = Object.entries(inputs).map(([key, value]) => {
    const field = fields[key];
    return [key, field && differs(field, state[key], value) ? state[key] : value];
  });
  return Object.fromEntries(entries) as Props;
}

/** Inputs inside lists and objects that are not implemented. */
export function unknownKeys(fields: Fields, news: Props, provider: string): Failure[] {
  return Object.entries(fields).flatMap(([property, { keys }]) => {
    if (!keys) return [];
    return [news[property]]
      .flat()
      .filter(isObject)
      .flatMap((item) => Object.keys(item).filter((key) => !keys.includes(key)))
      .map((key) => ({
        property: `${property}.${key}`,
        reason: `Laterbase's embedded ${provider} provider does not implement this input`,
      }));
  });
}

/** Whether a value means the same as a missing one. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmpty);
}

/** A list, sorted and without duplicates, for comparison where order has no meaning. */
export function set(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const items = new Map(value.map((item) => [JSON.stringify(canonical(item)), canonical(item)]));
  return [...items.keys()].sort().map((key) => items.get(key));
}

/** An object with sorted keys and without empty values; lists in it are sets. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return set(value);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .filter((key) => !isEmpty(value[key]))
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}
