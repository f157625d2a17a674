import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Readable, type Writable } from "node:stream";
import { Failure } from "./failure";

/** How a program runs. */
export interface ToolOptions {
  /** Ends the tool and every process that it started: SIGTERM, and SIGKILL five seconds later. */
  signal?: AbortSignal;
  /** Added to the agent's own. A secret goes into a passfile that PGPASSFILE names. */
  env?: Record<string, string>;
  /** The folder that it runs in. Default: the agent's. */
  cwd?: string;
  input?: string | Readable;
  /** Where its output goes. Default: it is collected and returned. */
  output?: Writable;
  /** Each line of its stderr, such as the progress of `--verbose`. */
  onLine?: (line: string) => void;
}

const PATIENCE_MS = 5000;
const KEPT_LINES = 40;
/** Of a longer line the rest is dropped: the text of an error may have a gigabyte. */
const LONGEST_LINE = 10_000;

/**
 * Runs a program without a shell. It succeeds when the program exits with 0 and all of its output
 * was taken. Its messages are separate from its output.
 *
 * Not execa: that ends the program alone, while `pg_restore --jobs` has processes of its own, and
 * it keeps all messages, of which `--verbose` prints a line for each object.
 */
export async function runTool(
  tool: string,
  args: readonly string[],
  { signal, env, cwd, input, output, onLine }: ToolOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  signal?.throwIfAborted();
  // A process group of its own, so that a signal reaches the processes that the tool starts.
  const child = spawn(tool, args, {
    detached: true,
    stdio: "pipe",
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, LC_ALL: "C.UTF-8", PGGSSENCMODE: "disable", ...env },
  });
  const said: string[] = [];
  eachLine(child.stderr, (line) => {
    said.push(line);
    if (said.length > KEPT_LINES) said.shift();
    onLine?.(line);
  });
  let patience: NodeJS.Timeout | undefined;
  const kill = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has ended already.
    }
  };
  const end = () => {
    kill("SIGTERM");
    patience ??= setTimeout(() => kill("SIGKILL"), PATIENCE_MS);
  };
  signal?.addEventListener("abort", end, { once: true });

  const exit = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(`cannot be started: ${error.message}`));
    child.once("close", (code, by) =>
      resolve(code === 0 ? undefined : by ? `was ended by ${by}` : `ended with exit code ${code}`),
    );
  });
  const fed = feed(input, child.stdin);
  const taken = (output ? pipeline(child.stdout, output).then(() => "") : text(child.stdout)).catch(
    (error: Error) => {
      end();
      return error;
    },
  );
  try {
    const [failed, stdout] = await Promise.all([exit, taken, fed]);
    signal?.throwIfAborted();
    if (stdout instanceof Error) throw new Failure(`${nameOf(tool)}'s output: ${stdout.message}.`);
    if (failed) throw new Failure(`${nameOf(tool)} ${failed}${reason(tool, said)}`);
    return { stdout, stderr: said.join("\n") };
  } finally {
    clearTimeout(patience);
    signal?.removeEventListener("abort", end);
  }
}

/** Reads lines of text. Not readline: it keeps a line whatever its length. */
function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let line = "";
  const add = (text: string) => (line += text.slice(0, LONGEST_LINE - line.length));
  stream.setEncoding("utf8").on("data", (text: string) => {
    const [first = "", ...others] = text.split(/\r?\n|\r/);
    add(first);
    for (const next of others) {
      onLine(line);
      line = "";
      add(next);
    }
  });
  stream.once("end", () => {
    if (line !== "") onLine(line);
  });
}

/** Writes the input. A tool that does not read all of it says why itself. */
async function feed(input: string | Readable = "", stdin: Writable): Promise<void> {
  const source = typeof input === "string" ? Readable.from([input]) : input;
  await pipeline(source, stdin).catch(() => undefined);
}

const nameOf = (tool: string) => tool.slice(tool.lastIndexOf("/") + 1);

/**
 * For people: the message that says why, without the tool's name, and the server's own error.
 * It chooses words only. Whether the tool failed is decided by its exit code.
 */
function reason(tool: string, said: readonly string[]): string {
  const lines = said.filter((line) => line.trim() !== "");
  const last = lines.find((line) => /\b(error|fatal|panic)\b/i.test(line)) ?? lines.at(-1);
  if (!last) return ".";
  const sentence = last.replace(new RegExp(`^${nameOf(tool)}: (error: |fatal: )?`), "");
  const [, server] = /Error message from server: \w+: +(.+)/.exec(lines.join("\n")) ?? [];
  const whole = server ? `${sentence.replace(/: \w+\(\) failed\.$/, "")}: ${server}` : sentence;
  const hint = hintOf(said);
  return `: ${whole.replace(/\.?$/, ".")}${hint ? ` ${hint}` : ""}`;
}

/** What the server advises. libpq writes it in a line of its own behind the error. */
export function hintOf(said: readonly string[]): string | undefined {
  return said.map((line) => /^HINT: +(.+)/.exec(line)?.[1]).find(Boolean);
}
