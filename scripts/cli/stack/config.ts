import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Config, ConfigError, parseConfig, readRaw } from "../../../components/config";
import { CliError } from "../terminal/cliError";

/** The configuration that a stack's program would read, secrets included. The stack need not be up. */
export async function readStackConfig(stack: string): Promise<Config> {
  const values = await pulumiConfig(stack);
  try {
    return parseConfig(readRaw(values), `Pulumi.${stack}.yaml`);
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.message);
    throw error;
  }
}

async function pulumiConfig(stack: string): Promise<Record<string, string>> {
  // The stack dev has its file elsewhere, so that the checkout's stays as it is.
  const file = process.env["LATERBASE_STACK_FILE"];
  const where = [...(file ? ["--config-file", file] : []), "--stack", stack];
  const args = ["config", "--json", "--show-secrets", "--non-interactive", ...where];
  try {
    const { stdout } = await promisify(execFile)("pulumi", args, { maxBuffer: 64 << 20 });
    const entries = JSON.parse(stdout) as Record<string, { value?: string }>;
    return Object.fromEntries(Object.entries(entries).map(([key, { value = "" }]) => [key, value]));
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const said = (stderr || message).trim();
    if (/no stack named/.test(said)) {
      throw new CliError(
        `There is no stack ${stack} yet: 'npm run pulumi -- stack init ${stack}' makes one, to keep its secrets in.`,
      );
    }
    const why = said.replace(/^error: /gm, "").split("\n")[0] ?? "";
    throw new CliError(
      `The configuration of stack ${stack} cannot be read: ${why.replace(/\.?$/, ".")}`,
    );
  }
}
