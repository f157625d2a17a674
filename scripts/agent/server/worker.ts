import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Reply } from "../../../contract/agentReplies";
import type { Context, Say } from "../kit/context";
import { Failure } from "../kit/failure";
import { fullSpeed } from "./lean";

/** What a worker process reads from its standard input. */
export interface WorkerRequest {
  command: string;
  args: Record<string, unknown>;
}

/**
 * How long a job that is stopped may take to end its tools and sessions and to remove what it began. A drill has a server
 * to end and a standby to resume.
 */
export const patienceMs = (command: string): number => (command === "drill" ? 45_000 : 15_000);

/**
 * Runs a command in a process of its own. The agent stays small between runs, and a job that dies
 * takes nothing with it. What the job logs goes to the agent's log.
 *
 * Not execa: the process answers line by line, and its answer decides whether it succeeded.
 */
export async function runInWorker(
  command: string,
  args: Record<string, unknown>,
  context: Context,
  say: Say,
  signal: AbortSignal,
): Promise<unknown> {
  signal.throwIfAborted();
  const node = fullSpeed(process.execArgv);
  const child = spawn(process.execPath, [...node, process.argv[1] ?? "", "work"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let patience: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill("SIGTERM");
    patience ??= setTimeout(() => child.kill("SIGKILL"), patienceMs(command));
  };
  signal.addEventListener("abort", stop, { once: true });
  const exit = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`cannot be started: ${error.message}`));
    child.once("close", (code, by) =>
      resolve(by ? `was ended by ${by}` : `ended with exit code ${code}`),
    );
  });
  let answer: Reply | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const reply = replyIn(line);
    if (reply && "progress" in reply) say(reply.progress);
    else if (reply) answer = reply;
  });
  // A process that does not read its input says why itself.
  child.stdin.on("error", () => undefined);
  const request: WorkerRequest = { command, args };
  child.stdin.end(`${JSON.stringify(request)}\n`);
  try {
    const end = await exit;
    if (answer && "result" in answer) return answer.result;
    if (answer && "error" in answer) throw new Failure(answer.error);
    context.log(`the process of ${command} ${end}`);
    throw new Failure(`The process of ${command} ${end}.`);
  } finally {
    clearTimeout(patience);
    signal.removeEventListener("abort", stop);
  }
}

/** Undefined for the part of a line that a process which was killed has left. */
function replyIn(line: string): Reply | undefined {
  try {
    return JSON.parse(line) as Reply;
  } catch {
    return undefined;
  }
}
