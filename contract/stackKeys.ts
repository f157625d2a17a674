import { distance } from "fastest-levenshtein";
import { visible } from "./visible";

const namespace = "laterbase";

/**
 * A sentence for each key of a stack's configuration that nothing would read: its namespace is `laterbase`, misspelt
 * by a letter or two, or it has none. Pulumi gives a key without a namespace the project's, but not in the file itself.
 *
 * @param keys the keys below `config`, with their namespaces
 * @param file the stack file that they are in
 */
export function strayKeys(keys: readonly string[], file: string): string[] {
  return keys.filter(isStray).map((key) => {
    const meant = `${namespace}:${key.slice(key.indexOf(":") + 1)}`;
    return visible(`${key} is unknown (did you mean ${meant}?) (set in ${file}).`);
  });
}

function isStray(key: string): boolean {
  const [before = "", ...after] = key.split(":");
  if (after.length === 0) return true;
  return before !== namespace && distance(before.toLowerCase(), namespace) <= 2;
}
