import * as pulumi from "@pulumi/pulumi";

/** A line of pgBackRest's configuration. One with a secret in it is an Output. */
export type Line = pulumi.Input<string>;

/**
 * `name=value`. pgBackRest knows no quoting: a value goes on to the end of its line, and space at its ends is cut
 * off. So a value with a line break would be more options, and one with such space would be another value.
 *
 * @throws Error for such a value, without repeating it; for an Output, when it is known
 */
export function option(name: string, value: pulumi.Input<string | number>): Line {
  if (!pulumi.Output.isInstance(value) && !(value instanceof Promise)) return lineOf(name, value);
  return pulumi.output(value).apply((known) => lineOf(name, known));
}

function lineOf(name: string, value: string | number): string {
  const text = String(value);
  if (text === "" || text !== text.trim() || /[\0\n\r]/.test(text)) {
    throw new Error(
      `The value of ${name} must be one line without space at its ends: pgBackRest's configuration has no quotes.`,
    );
  }
  return `${name}=${text}`;
}

/** The lines of a section. */
export function section(name: string, lines: readonly Line[]): Line[] {
  return [`[${name}]`, ...lines, ""];
}

/** A file of these lines. It is plain text where every line is. */
export function textOf(lines: readonly Line[]): pulumi.Input<string> {
  const plain = lines.filter((line) => typeof line === "string");
  if (plain.length === lines.length) return plain.join("\n");
  return pulumi.all([...lines]).apply((all) => all.join("\n"));
}
