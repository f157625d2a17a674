import { CommanderError } from "commander";
import { askAgent } from "./servers/askAgent";
import { CliError } from "./terminal/cliError";
import { program } from "./program";
import { servers } from "./servers/servers";
import { readOutputs } from "./stack/outputs";
import { terminal } from "./terminal/terminal";

/** The operator's command: `npm run laterbase -- <command>`. */
async function main(args: readonly string[]): Promise<number> {
  const json = args.includes("--json");
  const interrupted = new AbortController();
  // The second time, the process ends at once.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => interrupted.abort());
  }
  try {
    const { signal } = interrupted;
    const connections = { readOutputs, askAgent, servers, terminal: terminal(), signal };
    await program(connections).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // It has said what was wrong itself; asking for help is nothing wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CliError)) throw error;
    // What was shown says it all.
    if (error.message === "") return error.exitCode;
    process.stderr.write(`laterbase: ${error.message}\n`);
    if (json) process.stdout.write(`${JSON.stringify({ error: error.message })}\n`);
    return error.exitCode;
  }
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
