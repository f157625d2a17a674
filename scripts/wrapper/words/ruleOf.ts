import { everything, type Rule } from "./covers";
import type { KeyChange } from "./keys";
import { rules } from "./rules";

/** Patterns of a whole section. */
const sections = new Set([
  ...["primary", "standbys.*", "pooler", "pgAdmin", "dumps", "duplicati"],
  ...["backups", "backups.repositories.*", "objectStore", "health"],
]);

/** The rule of a key. A key without one of its own leads to what its section leads to. */
export function ruleOf({ path }: KeyChange): Rule {
  for (let length = path.length; length > 0; length--) {
    const pattern = Object.keys(rules).find((one) => fits(one.split("."), path, length));
    const rule = rules[pattern ?? ""];
    if (!rule) continue;
    // What is said of a section that comes or goes is not true of a key in it.
    const within = sections.has(pattern ?? "") && length < path.length;
    return within ? { covers: rule.covers } : rule;
  }
  return { covers: everything };
}

function fits(pattern: string[], path: string[], length: number): boolean {
  return pattern.length === length && pattern.every((word, i) => word === "*" || word === path[i]);
}
