import { z } from "zod";

/** An object whose unknown keys are errors that list the known ones. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `is unknown; the known keys are ${keys}`
        : `must be an object with the keys ${keys}`,
  });
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
  const secret = /password|passphrase|key|secret/i.test(String(issue.path.at(-1) ?? ""));
  return `${keyText(issue.path)} ${issue.message}${now(issue.input, secret)} (set in ${file}).`;
}

function keyText([top, ...rest]: readonly PropertyKey[]): string {
  const parts = rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`));
  return `laterbase:${String(top ?? "")}${parts.join("")}`;
}

function now(input: unknown, secret: boolean): string {
  if (input === undefined) return "; it is not set";
  if (secret || typeof input === "object") return "";
  return `; it is ${JSON.stringify(input)}`;
}
