/**
 * Text of a server, an engine or a file as people may see it: on a terminal, in a log, in a preview.
 * Control characters and those that turn the direction of text are written as escapes, such as `\n` and
 * `\x1b`. JSON keeps the exact text.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, escape);
}

/** The same for text of several lines, where a line break is ours. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN, (char) => (char === "\n" ? char : escape(char)));
}

/** JSON that a terminal shows as it is. It holds the same data: JSON has escapes of its own. */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(HIDDEN, (char) =>
    char === "\n" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** C0, DEL and C1; the marks, embeddings, overrides and isolates of direction; two more line breaks. */
// eslint-disable-next-line no-control-regex -- they are what this is about
const HIDDEN = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escape(char: string): string {
  const code = char.charCodeAt(0).toString(16);
  return (
    SHORT[char] ?? (code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`)
  );
}
