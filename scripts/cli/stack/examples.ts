import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../terminal/cliError";

/** A stack file that a new one can be made from. */
export interface Example {
  /** As the operator names it, such as `examples/editor`. */
  name: string;
  /** Its path. */
  file: string;
  text: string;
}

const folder = "examples";
const stackFile = /^Pulumi\.[^.]+\.yaml$/;

/** The examples of the checkout, in the order of their names. */
export function exampleNames(root = "."): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && fileIn(join(root, folder, entry.name)) !== undefined)
    .map(({ name }) => `${folder}/${name}`)
    .sort();
}

/**
 * The example of this name: a folder of `examples/`, with or without that word, or the path of a stack
 * file without secrets.
 */
export function exampleNamed(wanted: string, root = "."): Example {
  const path = wanted.replace(/\/+$/, "");
  for (const one of [path, `${folder}/${path}`]) {
    const place = join(root, one);
    if (!existsSync(place)) continue;
    const file = statSync(place).isDirectory() ? fileIn(place) : place;
    if (file === undefined) continue;
    const text = readFileSync(file, "utf8");
    if (/^\s*(?:-\s*)?secure:|[{,]\s*secure:|^encryptionsalt:/m.test(text)) {
      throw new CliError(
        `${one} holds secrets of its own stack, which no other stack can read: name an example, such as ${exampleNames(root).join(" or ")}.`,
        2,
      );
    }
    return { name: one, file, text };
  }
  throw new CliError(
    `There is no example "${wanted}": there are ${exampleNames(root).join(", ")}.`,
    2,
  );
}

/** The only stack file in a folder. */
function fileIn(place: string): string | undefined {
  const files = readdirSync(place).filter((name) => stackFile.test(name));
  return files.length === 1 ? join(place, files[0]!) : undefined;
}
