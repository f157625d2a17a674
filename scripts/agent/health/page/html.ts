import { visible } from "../../../../contract/visible";

/** Text that is HTML already. Only `html` makes it, so nothing gets into the page without being escaped. */
export class Html {
  constructor(readonly text: string) {}
}

/** What a template takes. What is absent is nothing. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/** A template whose values are escaped: names come from databases, and anybody may have made them. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.map((text, i) => text + textOf(parts[i])).join(""));
}

/** A name that a reader sees, also where it is made of blanks. */
export const named = (name: string): string => (name.trim() === "" ? `"${name}"` : name);

/** Our own text, as it is. */
export const raw = (text: string): Html => new Html(text);

function textOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  return escaped(String(part));
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and for values of attributes in quotes. Control characters become readable ones. */
export function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => entities[char]!);
}
