/** GitLab takes a million characters in a note, GitHub 65536. Some are left for what they add themselves. */
export const mostCharacters = { gitlab: 990_000, github: 65_000 };

/** Variables whose values are secrets, by their names. */
const secretName = /(TOKEN|PASSWORD|PASSPHRASE|SECRET|CREDENTIALS|_KEY|ACCESS_KEY_ID)$/;

/** Shorter values are no secrets, and masking them would spoil the text. */
const shortest = 6;

/** The password in an address, such as that of a backend. */
const inAddress = /:\/\/[^/\s:@]*:([^/\s@]+)@/;

/**
 * The values of the environment that must not be in a note, the longest first.
 *
 * @param read the text of a file, for the passphrase that a variable names by its file
 */
export function secretValues(
  env: Readonly<Record<string, string | undefined>>,
  read: (file: string) => string,
): string[] {
  const values = Object.entries(env).flatMap(([name, value = ""]) => [
    ...(secretName.test(name) ? [value] : []),
    ...(inAddress.exec(value)?.slice(1) ?? []),
  ]);
  const file = env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  const all = file ? [...values, read(file).trim()] : values;
  return [...new Set(all.filter(({ length }) => length >= shortest))].sort(
    (a, b) => b.length - a.length,
  );
}

/** A text without these secrets. */
export function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.split(secret).join("[masked]"), text);
}

/** What marks the note of a stack, so that the next run finds it. Nobody sees it on the page. */
export const markOf = (stack: string) => `<!-- laterbase preview of ${stack} -->`;

/**
 * The note as it is sent: marked, without secrets, and cut from its end where it is too long. What matters most comes
 * first in it, so the end is what a reader misses least.
 */
export function noteText(
  text: string,
  {
    stack,
    secrets,
    most = mostCharacters.gitlab,
  }: { stack: string; secrets: readonly string[]; most?: number },
): string {
  const mark = markOf(stack);
  const whole = `${mark}\n${masked(text, secrets).trim()}\n`;
  if (whole.length <= most) return whole;
  const end = "\n\nThe rest is cut: the job's artifact has the whole note.\n";
  const cut = whole.slice(0, most - end.length - "\n```".length);
  const lines = cut.slice(0, cut.lastIndexOf("\n"));
  // A code block that is cut would swallow what comes after it.
  const isOpen = (lines.match(/^```/gm) ?? []).length % 2 === 1;
  return `${lines}${isOpen ? "\n```" : ""}${end}`;
}
