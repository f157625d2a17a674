import { CommanderError } from "commander";
import { visibleJson } from "../../contract/visible";
import { program } from "./program";
import type { Connections } from "./session";
import { NeedsSetUp } from "./stack/pulumi";
import { CliError } from "./terminal/cliError";

/**
 * Runs one command. With `--json` one JSON value is printed, whatever happens: the result, or the error.
 *
 * @returns the exit code: 0 it succeeded, 1 it failed, 2 the command line is wrong, 3 it did what it could,
 *   4 it refused
 */
export async function main(args: readonly string[], connections: Connections): Promise<number> {
  const { terminal } = connections;
  let printed = false;
  const print = (text: string) => {
    printed = true;
    terminal.print(text);
  };
  const asJson = wantsJson(args);
  const failed = (error: string, exitCode: number) => {
    if (asJson && !printed) terminal.print(visibleJson({ error, exitCode }));
    return exitCode;
  };
  // By the prototype, because some of the connections are loaded when they are read.
  const watched = Object.create(connections, {
    terminal: { value: { ...terminal, print } },
  }) as Connections;
  try {
    await program(watched).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has printed what is wrong with the command line, or the help, which is no error.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      // It has printed the whole help.
      if (error.code === "commander.help") return failed("No command was named.", 2);
      return failed(error.message.replace(/^error: /, ""), 2);
    }
    if (error instanceof NeedsSetUp) throw error;
    if (!(error instanceof CliError)) {
      const [said = ""] = (error as Error).message.split("\n");
      terminal.progress(`laterbase: This is a fault of the command itself: ${said}`);
      // Where it is helps those who can repair it, and nobody else.
      if (process.env["LATERBASE_DEBUG"]) terminal.progress(String((error as Error).stack));
      return failed(said, 1);
    }
    // Without a message, the printed result says everything.
    if (error.message !== "") terminal.progress(`laterbase: ${error.message}`);
    return failed(error.message, error.exitCode);
  }
}

/** Before the command line is parsed: it may be wrong. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes("--json");
}
