import { main } from "../../../scripts/cli/main";
import type { Connections } from "../../../scripts/cli/session";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";

/** What an operator's command talks to in a unit test. */
export interface Operated {
  /** The stack's outputs. */
  stack: KnownOutputs;
  askAgent?: (
    agent: unknown,
    command: string,
    args: unknown,
    say: (progress: string) => void,
  ) => Promise<unknown>;
  /** The login of the managed primary's superuser. */
  readSuperuser?: Connections["readSuperuser"];
  /** The functions of the servers that the command may call. */
  servers?: object;
  /** What is typed as the answer to a question. Absent: there is no terminal to ask at. */
  typed?: string | undefined;
}

/** Runs `laterbase --stack x <words>` in this process, and returns what people see of it. */
export async function operatorRun(words: string[], operated: Operated) {
  const { stack, askAgent, readSuperuser, servers, typed } = operated;
  const printed: string[] = [];
  const said: string[] = [];
  const questions: string[] = [];
  const ask = (question: string) => {
    questions.push(question);
    return Promise.resolve(typed);
  };
  const write = jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  const code = await main(["--stack", "x", ...words], {
    readOutputs: () => Promise.resolve(stack),
    ...{ askAgent, readSuperuser, servers },
    terminal: {
      print: (text: string) => printed.push(text),
      progress: (line: string) => said.push(line),
      ...(typed === undefined ? {} : { ask }),
    },
  } as unknown as Connections).finally(() => write.mockRestore());
  return { code, printed: printed.join("\n"), said: said.join("\n"), questions };
}
