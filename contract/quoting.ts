import { visible } from "./visible";

/** A word for bash, whatever it holds. */
export function shellQuote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/**
 * A name in a sentence, as SQL writes it: a quote in it is doubled, so it is clear where it ends. Control
 * characters are escaped, so a name cannot begin a line of its own or move the cursor.
 */
export function quoted(name: string): string {
  return `"${visible(name).replace(/"/g, '""')}"`;
}

/** A value for psql's `\set`, which reads backslashes in quotes as C does. */
export function psqlQuote(text: string): string {
  const escaped = text.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n");
  return `'${escaped}'`;
}

/** A value in a libpq connection string. */
export function conninfoQuote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** A field of a passfile. It cannot hold a line break. */
export function passfileEscape(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new Error("a password must not hold a line break");
  return text.replace(/[\\:]/g, "\\$&");
}

/** JSON in ASCII only, so that no database encoding can spoil it on its way. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
