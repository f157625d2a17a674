/**
 * Reads JSON that pgBackRest printed. It repeats what it found in a repository, such as the bytes of a file that another
 * passphrase encrypted, and does not escape each control character.
 */
export function parsePgBackRest(text: string): unknown {
  // eslint-disable-next-line no-control-regex -- these are what JSON forbids in a string; outside of one they are space
  return JSON.parse(text.replace(/[\u0000-\u001f]/g, " "));
}
