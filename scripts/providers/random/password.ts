import type { Failure, Props } from "../protocol/provider";
import { isUnknown } from "../protocol/values";
import { draw, type Recipe } from "./draw";
import { randomKind } from "./kind";

const DEFAULTS = {
  special: true,
  upper: true,
  lower: true,
  minNumeric: 0,
  minUpper: 0,
  minLower: 0,
  minSpecial: 0,
};

const MINIMA = ["minUpper", "minLower", "minNumeric", "minSpecial"] as const;

/**
 * `random:index/randomPassword:RandomPassword`, without the output `bcryptHash`: Node's crypto has no
 * bcrypt, and nothing here reads it.
 */
export const randomPassword = randomKind({
  forms: {
    length: "number",
    special: "boolean",
    upper: "boolean",
    lower: "boolean",
    number: "boolean",
    numeric: "boolean",
    minNumeric: "number",
    minUpper: "number",
    minLower: "number",
    minSpecial: "number",
    overrideSpecial: "string",
    keepers: "object",
  },
  required: "length",
  drawn: ["result"],
  secretOutputs: ["result"],

  // `number` is the old name of `numeric`; the state holds both.
  plan(inputs) {
    const numeric = inputs.numeric ?? inputs.number ?? true;
    return { ...DEFAULTS, ...inputs, numeric, number: inputs.number ?? numeric };
  },

  failures: passwordFailures,
  draw: (planned) => ({ id: "none", result: draw(planned as unknown as Recipe) }),

  // Earlier providers stored a missing text as an empty one. A value that is not known yet does not count.
  keeps: (key, old, now) =>
    key === "overrideSpecial" && (isUnknown(now) || (old === "" && now === undefined)),
});

function passwordFailures(planned: Props): Failure[] {
  const { length, numeric, number, upper, lower, special } = planned;
  const failures: Failure[] = [];
  const refuse = (property: string, reason: string) => failures.push({ property, reason });
  for (const key of ["length", ...MINIMA]) {
    const least = key === "length" ? 1 : 0;
    const value = planned[key];
    if (!isUnknown(value) && !(Number.isInteger(value) && (value as number) >= least)) {
      refuse(key, `must be a whole number of at least ${least}, got ${String(value)}`);
    }
  }
  const sum = MINIMA.reduce((total, key) => total + Number(planned[key]), 0);
  if (failures.length === 0 && Number(length) < sum) {
    refuse("length", `must be at least ${MINIMA.join(" + ")} (${sum}), got ${String(length)}`);
  }
  if (!isUnknown(numeric) && !isUnknown(number) && numeric !== number) {
    refuse("number", "is another name of numeric and must not differ from it");
  }
  if ([upper, lower, numeric, special].every((wanted) => wanted === false)) {
    refuse("numeric", "at least one of upper, lower, numeric and special must be true");
  }
  return failures;
}
