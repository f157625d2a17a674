import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { containerRoles } from "../../../contract/names";
import { standbyNames } from "../stack/parts";
import type { Place } from "./scripts";

/** The containers that the state of a stack does not know are no roles of it. */
const ours = containerRoles.filter((role) => role !== "restored");

/** The checkout, with the names that its stack files give. */
export function placeOf(root: string): Place {
  const files = readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  const named = files.flatMap((name) => namesIn(join(root, name)));
  return { root, roles: sorted([...ours, ...named]), standbys: sorted(named) };
}

const sorted = (names: readonly string[]) => [...new Set(names)].sort();

/** A file that cannot be read names nothing: the command that uses it says why. */
function namesIn(file: string): string[] {
  if (!existsSync(file)) return [];
  try {
    const { config } = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> };
    const names = standbyNames({ standbys: config?.["laterbase:standbys"] });
    // What a shell would take for more than a word is no standby's name.
    return names.filter((name) => /^[a-z][a-z0-9_]*$/.test(name));
  } catch {
    return [];
  }
}
