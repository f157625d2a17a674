import type { Command } from "commander";
import { commandGroups } from "../../../scripts/cli/commands";
import { program } from "../../../scripts/cli/program";

/**
 * Why the operator's command line would be refused, or undefined. Nothing is run.
 *
 * @param whole false for words in a sentence, which may leave out arguments
 */
export function refusalOf(args: readonly string[], whole: boolean): string | undefined {
  // What a page leaves open is any word, such as a number.
  const words = args.map((word) => word.replaceAll(/<[^<>]+>|…/g, "1"));
  const root = program({} as never);
  for (const command of root.commands) dry(command);
  root.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  try {
    if (whole) root.parse(words, { from: "user" });
    else parseSome(root, words);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

/** Checks the words of a command as it would, and does nothing. */
function dry(command: Command): void {
  command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  const described = commandGroups
    .flatMap(({ commands }) => commands)
    .find(({ name, hiddenAliases = [] }) => [name, ...hiddenAliases].includes(command.name()));
  command.action((...input) => {
    const misuse = described?.misuse?.(...(input.slice(0, -1) as never[]));
    if (misuse !== undefined) throw new Error(misuse);
  });
}

function parseSome(root: Command, words: string[]): void {
  if (words.includes("--help")) return;
  const { operands, unknown } = root.parseOptions(words);
  const [name, ...others] = [...operands, ...unknown];
  if (name === undefined) return;
  const command = root.commands.find((one) => one.name() === name);
  // A sentence may leave the command open.
  if (name === "1") return;
  if (!command) throw new Error(`there is no command '${name}'`);
  const strange = command.parseOptions(others).unknown;
  if (strange.length > 0) throw new Error(`${name} has no option '${strange[0]}'`);
}
