import { readFileSync } from "node:fs";
import { targetFolder } from "./archive";
import { restoreVersion } from "./restore";

/** Duplicati's exit codes, as far as the stand-in has them. */
const EXIT = { done: 0, failed: 100, unknown: 200 } as const;

/**
 * The part of `duplicati-cli` that Laterbase uses:
 *
 *     duplicati-cli restore <target> [filter…] --restore-path=… [--parameters-file=…] [--version=0]
 *
 * @returns the exit code
 */
export async function cli(words: readonly string[], env = process.env): Promise<number> {
  const [command, ...rest] = words;
  if (command !== "restore") {
    console.error(
      `This stand-in for duplicati-cli knows restore only, not ${command ?? "nothing"}.`,
    );
    return EXIT.unknown;
  }
  try {
    const { options, plain } = read(rest);
    const [target = "", ...filters] = plain;
    const files = await restoreVersion({
      folder: targetFolder(options["target"] ?? target),
      passphrase: options["passphrase"] ?? env["PASSPHRASE"] ?? "",
      version: Number(options["version"] ?? 0),
      to: needed(options, "restore-path"),
      filters,
    });
    console.log(`Restored ${files} files to ${options["restore-path"]}`);
    return EXIT.done;
  } catch (error) {
    console.error((error as Error).message);
    return EXIT.failed;
  }
}

interface Read {
  options: Record<string, string>;
  plain: string[];
}

/** Options in the parameters file win, as Duplicati's do; its `--target` replaces the plain word. */
function read(words: readonly string[]): Read {
  const own = split(words);
  const file = own.options["parameters-file"];
  if (file === undefined) return own;
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim());
  const { options } = split(lines.filter((line) => line !== ""));
  return { ...own, options: { ...own.options, ...options } };
}

function split(words: readonly string[]): Read {
  const read: Read = { options: {}, plain: [] };
  for (const word of words) {
    const [, name, value = "true"] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name) read.options[name] = value;
    else read.plain.push(word);
  }
  return read;
}

function needed(options: Record<string, string>, name: string): string {
  const value = options[name];
  if (value) return value;
  throw new Error(`The option --${name} is missing.`);
}
