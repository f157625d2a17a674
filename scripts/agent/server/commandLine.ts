import { parseArgs } from "node:util";
import type { AgentCommand } from "../commands/command";
import { codeOf, Failure, withStop } from "../kit/failure";

/** What `laterbase-agent <command>` was given. */
export interface CommandLine {
  /** Prints each reply as a line of JSON, for a program. Reads standard input. */
  json: boolean;
  args: Record<string, unknown>;
}

/** Reads the options of a command: `--accept-smaller` becomes the argument `acceptSmaller`. */
export function readCommandLine(
  { options }: Pick<AgentCommand, "options">,
  words: readonly string[],
): CommandLine {
  try {
    const all = { ...options, json: { type: "boolean" } } as const;
    const { json = false, ...values } = parseArgs({ args: [...words], options: all }).values;
    const args = Object.entries(values).map(([name, value]) => [camelCase(name), value]);
    return { json: json === true, args: Object.fromEntries(args) as Record<string, unknown> };
  } catch (error) {
    if (!codeOf(error)?.startsWith("ERR_PARSE_ARGS")) throw error;
    throw new Failure(withStop((error as Error).message));
  }
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * A JSON object from standard input, or an empty one when nobody sends anything. It reads to the
 * end of the object only: the sender may keep the stream open.
 */
export async function readInput(input: NodeJS.ReadStream): Promise<Record<string, unknown>> {
  if (input.isTTY) return {};
  let text = "";
  input.setEncoding("utf8");
  for await (const chunk of input) {
    text += chunk as string;
    const object = text.trimEnd().endsWith("}") ? parse(text) : undefined;
    if (object) return object;
  }
  if (text.trim() === "") return {};
  throw new Failure("Standard input holds no JSON object.");
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
