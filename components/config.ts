import { basename } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Config, configSchema } from "./stack/configSchema";
import { strayKeys } from "../contract/stackKeys";
import { withoutUnusedAccess } from "./primary/unusedAccess";
import { checkStack } from "./rules";
import { keysFirst, sentence } from "./schema/strict";

export { type Config, configSchema };

/** A configuration that cannot be used. Pulumi prints its sentences, without a stack trace. */
export class ConfigError extends pulumi.RunError {
  constructor(readonly sentences: readonly string[]) {
    super(sentences.join("\n"));
    // A trace of the parser helps nobody, and Pulumi takes many seconds to colour it.
    this.stack = "";
  }
}

/**
 * Checks a stack's configuration: every key alone, then the rules between them.
 *
 * @param raw the values of `laterbase:*`, by key without that prefix
 * @param file the stack file that they were set in, named in the errors
 * @throws ConfigError with one sentence for each mistake; nothing was touched by then
 */
export function parseConfig(raw: unknown, file: string): Config {
  const parsed = configSchema.safeParse(withoutUnusedAccess(raw), { reportInput: true });
  if (!parsed.success) {
    throw new ConfigError(keysFirst(parsed.error.issues).map((issue) => sentence(issue, file)));
  }
  const broken = checkStack(parsed.data);
  if (broken.length > 0) throw new ConfigError(broken.map((rule) => `${rule} (set in ${file}).`));
  return parsed.data;
}

/**
 * What sentences call a stack file.
 *
 * @param ofDev what set-up calls the file of dev, into which it merges values of the user's own
 */
export function namedFile(file: string, ofDev: string | undefined): string {
  return (basename(file) === "Pulumi.dev.yaml" && ofDev) || file;
}

/**
 * The values of Laterbase as Pulumi hands them to a program: objects and lists come as JSON text,
 * everything else as plain text. Other namespaces are those of providers.
 *
 * @param file the stack file that they were set in, named in the errors
 * @throws ConfigError with one sentence for each key whose namespace is misspelt
 */
export function readRaw(all: Record<string, string>, file: string): unknown {
  const stray = strayKeys(Object.keys(all), file);
  if (stray.length > 0) throw new ConfigError(stray);
  const prefix = "laterbase:";
  return Object.fromEntries(
    Object.entries(all)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), fromText(value)]),
  );
}

function fromText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
