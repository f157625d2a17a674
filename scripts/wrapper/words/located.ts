import type { Change } from "./changes";
import { type Place, placeOf } from "./place";

/** A change with its place in the stack. */
export interface Located extends Change {
  place: Place;
  /** Whether it is made again in a part that is there already: somebody removed it. */
  isBack: boolean;
}

/** Every change with its place. A part that is new has a new component. */
export function locate(changes: readonly Change[]): Located[] {
  const fresh = new Set(
    changes.filter(({ fate, type }) => fate === "made" && isComponent(type)).map(({ urn }) => urn),
  );
  return changes.map((change) => ({
    ...change,
    place: placeOf(change),
    isBack: change.fate === "made" && !fresh.has(change.new?.parent ?? ""),
  }));
}

/** Whether a volume holds nothing that lasts: sockets, a spool, a drill, what `up` writes again. */
export const isPassing = (name: string): boolean => /-(socket|conf|spool|drill)$/.test(name);

export const isComponent = (type: string): boolean =>
  type.startsWith("laterbase:index:") || type === "pulumi:pulumi:Stack";
