import { CommanderError } from "commander";
import { visibleJson } from "../../contract/visible";
import { type GlobalOptions, program } from "./program";
import type { Connections } from "./session";
import { CliError } from "./terminal/cliError";

/**
 * Runs one command.
 *
 * @returns the exit code: 0 it succeeded, 1 it failed, 2 the command line is wrong, 3 it did what it could
 */
export async function main(args: readonly string[], connections: Connections): Promise<number> {
  const { terminal } = connections;
  const root = program(connections);
  try {
    await root.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has printed what is wrong with the command line, or the help, which is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CliError)) throw error;
    // Without a message, the printed result says everything.
    if (error.message === "") return error.exitCode;
    terminal.progress(`laterbase: ${error.message}`);
    if (root.opts<GlobalOptions>().json) terminal.print(visibleJson({ error: error.message }));
    return error.exitCode;
  }
}
