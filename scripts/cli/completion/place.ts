import { readdirSync } from "node:fs";
import { join } from "node:path";
import { containerRoles } from "../../../contract/names";
import { standbysInFile } from "../stack/standbysInFile";
import type { Place } from "./scripts";

/** The containers that the state of a stack does not know are no roles of it. */
const ours = containerRoles.filter((role) => role !== "restored");

/** The checkout, with the names that its stack files give. */
export function placeOf(root: string): Place {
  const files = readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  // What a shell would take for more than a word is no standby's name.
  const named = files
    .flatMap((name) => standbysInFile(join(root, name)))
    .filter((name) => /^[a-z0-9_]+$/.test(name));
  return { root, roles: sorted([...ours, ...named]), standbys: sorted(named) };
}

const sorted = (names: readonly string[]) => [...new Set(names)].sort();
