import type { Login } from "../../../contract/stackOutputs";
import { CliError } from "../terminal/cliError";
import type * as Config from "./config";
import { type ExportedState, resourcesOf } from "./exportedState";
import { readStackState, type StackState } from "./stackState";

/** A superuser's login. One without a password logs in by another way. */
export type SuperuserLogin = Pick<Login, "name"> & Partial<Pick<Login, "password">>;

/**
 * The superuser's login of a stack's primary. No output has it: of a managed primary it is in the state, as the last
 * `up` set it, and of an external one in the configuration.
 */
export async function readSuperuser(
  stack: string,
  known: () => Promise<StackState> = () => readStackState(stack),
): Promise<SuperuserLogin> {
  const { plain, state, open } = await known();
  if (plain.primary?.container === undefined) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: it loads all schemas
    const { rawConfig } = require("./config") as typeof Config;
    const { primary } = (await rawConfig(stack)) as { primary?: RawPrimary };
    const { name = "postgres", password } = primary?.superuser ?? {};
    return { name, ...(password ? { password } : {}) };
  }
  const step = loginStep(state);
  const password = passwordOf(step && (await open(step.urn, "inputs", "stdin")));
  if (password === undefined) {
    throw new CliError(
      `The state of stack ${stack} has no password of the superuser: bring the stack up.`,
    );
  }
  return { name: "postgres", password };
}

/** The keys of `laterbase:primary` that are read here. */
interface RawPrimary {
  superuser?: { name?: string; password?: string };
}

/**
 * The password in a state.
 *
 * @param state with its secrets in clear
 */
export function passwordIn(state: ExportedState): string | undefined {
  const stdin = loginStep(state)?.inputs?.["stdin"] as { plaintext?: string } | undefined;
  // A secret is JSON in the state.
  return stdin?.plaintext === undefined ? undefined : passwordOf(JSON.parse(stdin.plaintext));
}

/** The step that sets the superuser's password. */
const loginStep = (state: ExportedState) =>
  resourcesOf(state).find(
    ({ type, urn }) => type.startsWith("command:") && urn.endsWith("::primary-login"),
  );

/** What it gets on its standard input, which is JSON too. */
function passwordOf(stdin: unknown): string | undefined {
  if (typeof stdin !== "string") return undefined;
  return (JSON.parse(stdin) as { password?: string }).password;
}
