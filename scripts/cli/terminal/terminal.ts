import { createInterface } from "node:readline/promises";

/** Where the operator reads and answers. */
export interface Terminal {
  /** For people and for pipes: results. */
  print(text: string): void;
  /** What happens meanwhile; never mixed into results. */
  progress(line: string): void;
  /** Undefined where nobody can be asked. */
  ask?: (question: string) => Promise<string>;
}

export function terminal(): Terminal {
  return {
    print: (text) => process.stdout.write(`${text}\n`),
    progress: (line) => process.stderr.write(`${line}\n`),
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
