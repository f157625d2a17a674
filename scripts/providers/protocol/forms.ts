import type { Failure, Props } from "./provider";
import { isObject, isUnknown } from "./values";

/** The type that an input must have. */
export type Form =
  | "string"
  | "number"
  | "boolean"
  | "list"
  | "strings"
  | "map"
  | readonly string[]
  | "object";

/** The failures of all inputs of a wrong type. Values that are not known yet pass. */
export function formFailures(values: Props, forms: Record<string, Form>, at = ""): Failure[] {
  return Object.entries(forms).flatMap(([key, form]) => {
    const reason = misfit(values[key], form);
    return reason === undefined ? [] : [{ property: at + key, reason }];
  });
}

function misfit(value: unknown, form: Form): string | undefined {
  if (value === undefined || isUnknown(value) || fits(value, form)) return undefined;
  if (typeof form === "object") return `must be one of ${form.join(", ")}`;
  return `must be ${WORDS[form]}`;
}

const WORDS = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  list: "a list",
  strings: "a list of strings",
  map: "a map of strings",
  object: "an object",
};

function fits(value: unknown, form: Form): boolean {
  if (typeof form === "object") return form.includes(value as string);
  if (form === "list") return Array.isArray(value);
  if (form === "object") return isObject(value);
  if (form === "strings") return Array.isArray(value) && value.every(isString);
  if (form === "map") return isObject(value) && Object.values(value).every(isString);
  return typeof value === form;
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}
