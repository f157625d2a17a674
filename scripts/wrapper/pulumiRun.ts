import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type EngineEvent, parseEvent } from "./events";
import type { Interruption } from "./interruption";

/** Pulumi's exit code for a stack that does not exist. */
export const stackNotFound = 6;

/** How a run of Pulumi ended. */
export interface Ran {
  /** Pulumi's exit code; 130 after an interruption, 1 where another program killed it. */
  code: number;
  /** The signal of another program that killed it, such as that of a system without memory. */
  signal?: string;
  /** What it said beside the events: why it could not begin, for example. */
  said: string;
}

/**
 * Runs Pulumi and passes on what its engine does. With `--json` the engine writes its events, with each
 * secret hidden, to standard output: no file holds them.
 *
 * Pulumi is in a process group of its own, so a key or a closed terminal does not end it halfway: it is
 * interrupted, finishes the steps under way, and unlocks the stack.
 *
 * @param env variables for Pulumi and the program, in addition to those of this process
 */
export async function runPulumi(
  args: readonly string[],
  onEvent: (event: EngineEvent) => void,
  { soon, now }: Interruption,
  env: Record<string, string> = {},
): Promise<Ran> {
  const child = spawn("pulumi", [...args, "--json", "--non-interactive", "--color", "never"], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true", ...env },
  });
  const ended = new Promise<{ code: number; signal?: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({ code: code ?? 1, ...(signal ? { signal } : {}) }),
    );
  });
  const interrupt = () => void child.kill("SIGINT");
  // The second interruption ends Pulumi at once.
  for (const signal of [soon, now]) {
    if (signal.aborted) interrupt();
    else signal.addEventListener("abort", interrupt, { once: true });
  }
  const complaints = text(child.stderr);
  const rest: string[] = [];
  createInterface({ input: child.stdout, crlfDelay: Infinity }).on("line", (line) => {
    const event = readLine(line, rest);
    if (event) onEvent(event);
  });
  try {
    const end = await ended;
    const said = [...rest, await complaints].join("\n").trim();
    return soon.aborted ? { code: 130, said } : { ...end, said };
  } finally {
    for (const signal of [soon, now]) signal.removeEventListener("abort", interrupt);
  }
}

/** An event; any other line is kept, to be shown as it is. */
function readLine(line: string, rest: string[]): EngineEvent | undefined {
  if (!line.startsWith("{")) {
    rest.push(line);
    return undefined;
  }
  try {
    return parseEvent(line);
  } catch {
    // It may hold anything, so it is not shown.
    rest.push(
      "An event of this version of Pulumi could not be read, so a step may be missing above.",
    );
    return undefined;
  }
}

/** Runs Pulumi with its own output, and gives it the terminal. */
export async function runPlainly(
  args: readonly string[],
  { soon }: Pick<Interruption, "soon">,
): Promise<number> {
  const child = spawn("pulumi", args, { stdio: "inherit", env: { ...process.env } });
  // The terminal sends its own key to both.
  const onAbort = () => void (soon.reason === "SIGINT" || child.kill("SIGINT"));
  soon.addEventListener("abort", onAbort, { once: true });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 130));
  });
}
