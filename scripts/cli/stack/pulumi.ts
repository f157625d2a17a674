import { existsSync } from "node:fs";
import { execa, type ExecaError } from "execa";
import { CliError } from "../terminal/cliError";
import { loggedIn, NO_LOGIN } from "./login";
import { noStack, stackFileOf } from "./stackFile";

/** The Pulumi CLI's exit code for a stack that does not exist. */
const STACK_NOT_FOUND = 6;

/** The stack that was named does not exist. */
export class NoSuchStack extends Error {}

/** The command was started without set-up, because most commands need no Pulumi CLI, and this one does. */
export class NeedsSetUp extends Error {}

/**
 * What the Pulumi CLI prints on standard output. It is the CLI that set-up found or built, in the
 * environment that set-up exports.
 *
 * @param what the subject of the error sentence, such as "The outputs of stack dev"
 */
export async function pulumi(
  args: readonly string[],
  what: string,
  { input, cwd, verb = "read" }: PulumiOptions = {},
): Promise<string> {
  // Set-up has not looked for the CLI yet, nor made its environment.
  if (process.env["LATERBASE_WITHOUT_SET_UP"]) throw new NeedsSetUp(what);
  try {
    const child = execa("pulumi", [...args, "--non-interactive"], {
      ...(cwd === undefined ? {} : { cwd }),
    });
    if (input !== undefined) {
      // A CLI that ends without reading says why. A broken pipe says nothing, and execa would end with it.
      child.stdin?.removeAllListeners("error").on("error", () => undefined);
      child.stdin?.end(input);
    }
    return (await child).stdout;
  } catch (error) {
    const { exitCode, stderr, originalMessage, message } = error as ExecaError;
    // Without an exit code, it did not start.
    const said = stderr?.trim() || originalMessage || message;
    if (exitCode === STACK_NOT_FOUND) throw new NoSuchStack(said);
    if (!loggedIn()) throw new CliError(withoutStack(args) ?? NO_LOGIN);
    const [why = ""] = said.replace(/^error: /gm, "").split("\n");
    throw new CliError(`${what} cannot be ${verb}: ${why.replace(/\.?$/, ".")}`);
  }
}

/** Without a file there is no stack, whatever a login would show. */
function withoutStack(args: readonly string[]): string | undefined {
  const at = args.indexOf("--stack");
  const stack = at < 0 ? undefined : args[at + 1];
  return stack === undefined || existsSync(stackFileOf(stack)) ? undefined : noStack(stack);
}

interface PulumiOptions {
  /** What it reads on standard input. */
  input?: string;
  /** Its working directory. Default: this process's. */
  cwd?: string;
  /** What was done, for the error sentence. Default: read. */
  verb?: string;
}
