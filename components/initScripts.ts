import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "./config";
import type { PrimaryConfig } from "./primary/schema";
import type { InitScript } from "./primary/primary";

/**
 * The files of `laterbase:primary.initScripts`, in the order of their names. An empty one is left out: it does
 * nothing, and an upload without content is refused.
 *
 * @param file the stack file, for the sentence about a folder that cannot be read
 */
export function readInitScripts(primary: PrimaryConfig, file: string): InitScript[] {
  if (primary.kind !== "managed" || primary.initScripts === undefined) return [];
  const folder = primary.initScripts;
  try {
    const names = readdirSync(folder).filter((name) => /\.(sql|sh)$/.test(name));
    const scripts = names
      .sort()
      .map((name) => ({ name, content: readFileSync(join(folder, name)) }));
    return scripts.filter(({ content }) => content.length > 0);
  } catch {
    const expected = "a folder of *.sql and *.sh that can be read, such as examples/hot-hot/schema";
    throw new ConfigError([
      `laterbase:primary.initScripts must be ${expected}; it is "${folder}" (set in ${file}).`,
    ]);
  }
}
