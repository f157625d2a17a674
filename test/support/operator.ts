import { askAgent } from "../../scripts/cli/servers/askAgent";
import { program } from "../../scripts/cli/program";

/** What a command of the operator answered. */
export interface Outcome<Result = Record<string, any>> {
  result?: Result;
  /** The sentence of a failure. */
  error?: string;
  /** Of a command that did not succeed. */
  exitCode?: number;
  progress: string[];
}

/**
 * Runs `laterbase --json <words>` and reads its answer from standard output.
 *
 * @param agent the name of the agent's container
 * @param uri a URI with the superuser's login
 */
export async function laterbase(
  agent: string,
  uri: string,
  words: readonly string[],
): Promise<Outcome> {
  const progress: string[] = [];
  const printed: string[] = [];
  const root = program({
    readOutputs: () =>
      Promise.resolve({
        backups: { dumps: { agent, dockerHost: null } },
      }),
    readSuperuser: () => Promise.resolve(loginIn(uri)),
    askAgent,
    servers: {} as never,
    terminal: {
      print: (line) => printed.push(line),
      progress: (line) => progress.push(line),
    },
  });
  try {
    await root.parseAsync(["--json", ...words], { from: "user" });
    return { result: JSON.parse(printed.join("")), progress };
  } catch (error) {
    // A command can print what it did and fail nevertheless.
    const result = printed.length > 0 ? { result: JSON.parse(printed.join("")) } : {};
    const { message, exitCode } = error as Error & { exitCode?: number };
    // Without a message, what was printed says everything.
    const said = message === "" ? {} : { error: message };
    return { ...result, ...said, ...(exitCode === undefined ? {} : { exitCode }), progress };
  }
}

/** The login in a URI. */
function loginIn(uri: string) {
  const { username, password } = new URL(uri);
  return { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}
