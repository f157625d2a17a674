import { equal } from "../protocol/compare";
import type { Diff, Existing, Failure, Props } from "../protocol/provider";
import { hasUnknown, isObject } from "../protocol/values";

/** How one input of a resource is compared. */
export interface Field {
  /** A change makes the resource anew. */
  replaces?: boolean;
  /** The engine chooses a value when none is given, so leaving it out is no change. */
  computed?: boolean;
  /** What holds when it is left out. */
  default?: unknown;
  /** The keys that objects in it may have. */
  keys?: readonly string[];
  /** Brings the forms that mean the same to one. */
  normal?: (value: unknown) => unknown;
  /** Compares in a way of its own. */
  same?: (old: unknown, next: unknown) => boolean;
}

export type Fields = Record<string, Field>;

/** What the fields decide about a change. State counts, not the old inputs: it holds the drift. */
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

/** The defaults of the fields that have one. */
export function defaults(fields: Fields): Props {
  const entries = Object.entries(fields).filter(([, field]) => field.default !== undefined);
  return Object.fromEntries(entries.map(([key, field]) => [key, field.default]));
}

/** The old inputs with what was found to differ from them in the real world. */
export function driftedInputs(fields: Fields, inputs: Props, state: Props): Props {
  const entries = Object.entries(inputs).map(([key, value]) => {
    const field = fields[key];
    return [key, field && differs(field, state[key], value) ? state[key] : value];
  });
  return Object.fromEntries(entries) as Props;
}

/** Inputs inside of lists and objects that are not implemented. */
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

/** Whether a value is as good as none. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmpty);
}

/** A list whose order means nothing. */
export function set(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const items = new Map(value.map((item) => [JSON.stringify(canonical(item)), canonical(item)]));
  return [...items.keys()].sort().map((key) => items.get(key));
}

/** An object with sorted keys, without those that say nothing; lists inside of it are sets. */
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
