import { createInterface } from "node:readline/promises";
import { visibleLines } from "../../../contract/visible";

/** What the operator reads, and where the operator answers. */
export interface Terminal {
  /** Prints a result, on standard output. */
  print(text: string): void;
  /** Prints what happens meanwhile, on standard error. */
  progress(line: string): void;
  /** Absent without a terminal. */
  ask?: (question: string) => Promise<string>;
}

export function terminal(): Terminal {
  return {
    print: (text) => process.stdout.write(`${visibleLines(text)}\n`),
    progress: (line) => process.stderr.write(`${visibleLines(line)}\n`),
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
  };
}

async function ask(question: string): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await asking.question(question);
  } finally {
    asking.close();
  }
}
