import type { Login } from "../../../contract/stackOutputs";
import { CliError } from "../terminal/cliError";
import { rawConfig } from "./config";
import { type ExportedState, resourcesOf } from "./exportedState";
import { pulumi } from "./pulumi";

/** A superuser's login. One without a password logs in by another way. */
export type SuperuserLogin = Pick<Login, "name"> & Partial<Pick<Login, "password">>;

/**
 * The superuser's login of a stack's primary. No output has it: of a managed primary it is in the state, as the last
 * `up` set it, and of an external one in the configuration.
 */
export async function readSuperuser(stack: string): Promise<SuperuserLogin> {
  const { primary } = (await rawConfig(stack)) as { primary?: RawPrimary };
  if (primary?.kind === "external") {
    const { name = "postgres", password } = primary.superuser ?? {};
    return { name, ...(password ? { password } : {}) };
  }
  const what = `The state of stack ${stack}`;
  const words = ["stack", "export", "--show-secrets", "--stack", stack];
  const password = passwordIn(JSON.parse(await pulumi(words, what)) as ExportedState);
  if (password === undefined) {
    throw new CliError(
      `The state of stack ${stack} has no password of the superuser: bring the stack up.`,
    );
  }
  return { name: "postgres", password };
}

/** The keys of `laterbase:primary` that are read here. */
interface RawPrimary {
  kind?: string;
  superuser?: { name?: string; password?: string };
}

/**
 * What the step that sets the superuser's password got on its standard input.
 *
 * @param state with its secrets in clear
 */
export function passwordIn(state: ExportedState): string | undefined {
  const step = resourcesOf(state).find(
    ({ type, urn }) => type.startsWith("command:") && urn.endsWith("::primary-login"),
  );
  const stdin = step?.inputs?.["stdin"] as { plaintext?: string } | undefined;
  if (stdin?.plaintext === undefined) return undefined;
  // A secret is JSON in the state, and the program reads JSON.
  const text = JSON.parse(stdin.plaintext) as string;
  return (JSON.parse(text) as { password?: string }).password;
}
