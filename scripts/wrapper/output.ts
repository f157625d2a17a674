import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { visibleLines } from "../../contract/visible";

/** Where the wrapper writes. */
export interface Output {
  /** Writes a line that stays. */
  line(text: string): void;
  /** The same on standard error: what failed, or was refused. */
  error(text: string): void;
  /** Shows what happens now, in the terminal's last line; the next call replaces it. Empty: nothing. */
  now(text: string): void;
  /** Whether `now` shows anything. */
  readonly live: boolean;
  /** Absent where nobody can answer. */
  ask?: (question: string) => Promise<string>;
  /** The same for a secret, which is not shown while it is typed. */
  askHidden?: (question: string) => Promise<string>;
}

/** Standard output, and standard input for answers. */
export function terminalOutput(): Output {
  const { stdin, stdout } = process;
  const live = Boolean(stdout.isTTY);
  let shown = false;
  const clear = () => {
    if (shown) stdout.write("\r\x1b[2K");
    shown = false;
  };
  return {
    live,
    line: (text) => {
      clear();
      stdout.write(`${visibleLines(text)}\n`);
    },
    error: (text) => {
      clear();
      process.stderr.write(`${visibleLines(text)}\n`);
    },
    now: (text) => {
      if (!live) return;
      clear();
      if (text === "") return;
      const room = Math.max(20, (stdout.columns || 80) - 1);
      stdout.write(visibleLines(text).replace(/\n/g, " ").slice(0, room));
      shown = true;
    },
    ...(live && stdin.isTTY ? { ask, askHidden } : {}),
  };
}

const ask = async (question: string) => (await asked(question, process.stdout)).trim();

async function askHidden(question: string): Promise<string> {
  process.stdout.write(visibleLines(question));
  // Readline writes what is typed, and this takes it.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = await asked("", nowhere);
  process.stdout.write("\n");
  return answer;
}

async function asked(question: string, shown: NodeJS.WritableStream): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: shown, terminal: true });
  // The end of the input, or the key for an interruption, is no answer.
  const closed = new Promise<string>((resolve) => asking.once("close", () => resolve("")));
  asking.on("SIGINT", () => {
    asking.close();
    process.kill(process.pid, "SIGINT");
  });
  try {
    return await Promise.race([asking.question(visibleLines(question)), closed]);
  } finally {
    asking.close();
  }
}
