import { randomInt } from "node:crypto";

/** The character classes of a random text. */
export interface Recipe {
  length: number;
  upper: boolean;
  lower: boolean;
  numeric: boolean;
  special: boolean;
  minUpper: number;
  minLower: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial?: string;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** Draws a text: the minimum of each class, the rest from all enabled classes, in random order. */
export function draw(recipe: Recipe): string {
  const special = recipe.overrideSpecial || SPECIAL;
  const all = [
    ...(recipe.upper ? UPPER : ""),
    ...(recipe.lower ? LOWER : ""),
    ...(recipe.numeric ? NUMERIC : ""),
    ...(recipe.special ? special : ""),
  ];
  if (all.length === 0) throw new Error("the character set specified is empty");
  // As in the official plugin, a minimum counts even for a disabled class.
  const chars = [
    ...pick([...UPPER], recipe.minUpper),
    ...pick([...LOWER], recipe.minLower),
    ...pick([...NUMERIC], recipe.minNumeric),
    ...pick([...special], recipe.minSpecial),
  ];
  return shuffle([...chars, ...pick(all, recipe.length - chars.length)]).join("");
}

/** Draws characters with equal probability. */
function pick(set: string[], count: number): string[] {
  return Array.from({ length: count }, () => set[randomInt(set.length)] as string);
}

/** Fisher-Yates: every order has the same probability. */
function shuffle(chars: string[]): string[] {
  for (let last = chars.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [chars[last], chars[other]] = [chars[other] as string, chars[last] as string];
  }
  return chars;
}
