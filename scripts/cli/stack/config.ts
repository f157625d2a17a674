import {
  type Config,
  ConfigError,
  namedFile,
  parseConfig,
  readRaw,
} from "../../../components/config";
import { CliError } from "../terminal/cliError";
import { NoSuchStack, pulumi } from "./pulumi";

/** The configuration that a stack's program would read, with its secrets. The stack need not be up. */
export async function readStackConfig(stack: string): Promise<Config> {
  return checkedConfig(await rawConfig(stack), `Pulumi.${stack}.yaml`);
}

/**
 * A stack's configuration with its secrets, by key, before its values are checked.
 *
 * @throws CliError with a sentence for each key that nothing would read
 */
export async function rawConfig(stack: string): Promise<Record<string, unknown>> {
  const values = await configValues(stack);
  const file = named(`Pulumi.${stack}.yaml`);
  return said(() => readRaw(values, file) as Record<string, unknown>);
}

/** @throws CliError with a sentence for each mistake */
export function checkedConfig(raw: unknown, file: string): Config {
  return said(() => parseConfig(raw, named(file)));
}

const named = (file: string) => namedFile(file, process.env["LATERBASE_STACK_FILE_NAME"]);

function said<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.message);
    throw error;
  }
}

async function configValues(stack: string): Promise<Record<string, string>> {
  // The configuration of the stack dev is a copy, so that the checkout's file stays as it is.
  const file = process.env["LATERBASE_STACK_FILE"];
  const where = [...(file ? ["--config-file", file] : []), "--stack", stack];
  const args = ["config", "--json", "--show-secrets", ...where];
  const answer = await pulumi(args, `The configuration of stack ${stack}`).catch((error: Error) => {
    if (!(error instanceof NoSuchStack)) throw error;
    throw new CliError(
      `There is no stack ${stack} yet: 'npm run laterbase -- new ${stack} --from <example>' makes one, and 'npm run pulumi -- stack init ${stack}' gives an existing Pulumi.${stack}.yaml a place for its secrets.`,
    );
  });
  const entries = JSON.parse(answer) as Record<string, { value?: string }>;
  return Object.fromEntries(Object.entries(entries).map(([key, { value = "" }]) => [key, value]));
}
