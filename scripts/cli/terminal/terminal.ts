import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { visibleLines } from "../../../contract/visible";
import { CliError } from "./cliError";

/** What the operator reads, and where the operator answers. */
export interface Terminal {
  /** Prints a result, on standard output. */
  print(text: string): void;
  /** Prints what happens meanwhile, on standard error. */
  progress(line: string): void;
  /** Whether a person types and reads there. Default: no. */
  isTerminal?: boolean;
  /** Absent without a terminal. */
  ask?: (question: string) => Promise<string>;
  /** The same for a secret: what is typed is not shown. Absent without a terminal. */
  askSecret?: (question: string) => Promise<string>;
}

export function terminal(): Terminal {
  return {
    print: (text) => process.stdout.write(`${visibleLines(text)}\n`),
    progress: (line) => process.stderr.write(`${visibleLines(line)}\n`),
    isTerminal: process.stdin.isTTY && process.stdout.isTTY,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask, askSecret } : {}),
  };
}

const ask = (question: string) => answer(question, process.stdin, process.stderr);

async function askSecret(question: string): Promise<string> {
  process.stderr.write(visibleLines(question));
  try {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    return await answer("", process.stdin, nowhere);
  } finally {
    process.stderr.write("\n");
  }
}

/**
 * What is typed after a question.
 *
 * @throws CliError when nobody answers: after Ctrl-C or Ctrl-D, or when the terminal was closed
 */
export async function answer(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<string> {
  const asking = createInterface({ input, output, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      // Without these, the process would wait for an answer, or end with exit code 0.
      asking.once("SIGINT", () => asking.close());
      asking.once("close", () => reject(new Error("closed")));
      asking.question(visibleLines(question)).then(resolve, reject);
    });
  } catch {
    throw new CliError("Interrupted at the question: nothing was changed.");
  } finally {
    asking.close();
  }
}
