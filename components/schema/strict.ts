import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { visible } from "../../contract/visible";

/** An object whose unknown keys are errors that list the known ones. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  const keys = known.join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `is unknown${meant(issue.keys, known)}; the known keys are ${keys}`
        : `must be an object with the keys ${keys}`,
  });
}

/** The key that was meant, where one is a letter or two away. */
function meant([unknown = "", ...others]: readonly string[], known: readonly string[]): string {
  if (others.length > 0) return "";
  const near = closest(unknown, [...known]);
  const letters = (word: string) => [...word].toSorted().join("");
  const away = distance(unknown.toLowerCase(), near.toLowerCase());
  // Two letters that changed places, or a letter or two of a long word.
  const alike =
    away <= 1 || (away === 2 && (near.length > 5 || letters(unknown) === letters(near)));
  return alike ? ` (did you mean ${near}?)` : "";
}

/** What is wrong with keys comes first, because a misspelt key is missing, too. */
export function keysFirst(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const rank = ({ code }: z.core.$ZodIssue) => (code === "unrecognized_keys" ? 0 : 1);
  return issues.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * One sentence for what is wrong: the key, what is expected, what it is now, where it was set.
 * A value that may be a secret is never repeated.
 */
export function sentence(issue: z.core.$ZodIssue, file: string): string {
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.map((key) => keyText([...issue.path, key])).join(" and ");
    return `${keys} ${issue.message} (set in ${file}).`;
  }
  const secret = /password|passphrase|key|secret|token/i.test(String(issue.path.at(-1) ?? ""));
  return `${keyText(issue.path)} ${issue.message}${now(issue.input, secret)} (set in ${file}).`;
}

function keyText([top, ...rest]: readonly PropertyKey[]): string {
  const parts = rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`));
  return visible(`laterbase:${String(top ?? "")}${parts.join("")}`);
}

function now(input: unknown, secret: boolean): string {
  if (input === undefined) return "; it is not set";
  if (secret || typeof input === "object") return "";
  return `; it is ${JSON.stringify(input)}`;
}
