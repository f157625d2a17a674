/**
 * One sentence for a stack file that was written for a newer version than this one. Undefined: this version is as new
 * as the one that deployed the stack last, and the program itself says what is wrong with a key.
 */
export function newerKeys(
  keys: readonly string[],
  { stack, own, deployed }: { stack: string; own: string; deployed: string },
): string | undefined {
  if (keys.length === 0 || !isNewer(deployed, own)) return undefined;
  const [what, them] = keys.length === 1 ? ["is a key", "the key"] : ["are keys", "the keys"];
  return (
    `${keys.join(", ")} ${what} of a newer Laterbase: version ${deployed} deployed stack ${stack} last, and this is version ${own}. ` +
    `Deploy version ${deployed} or newer, or take ${them} out of Pulumi.${stack}.yaml.`
  );
}

/** Whether a version such as 1.10.0 is newer than another one. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((one) => one.split(/[.+-]/).slice(0, 3).map(Number));
  for (const at of [0, 1, 2]) {
    const [left = 0, right = 0] = [a?.[at], b?.[at]];
    if (left !== right) return left > right;
  }
  return false;
}
