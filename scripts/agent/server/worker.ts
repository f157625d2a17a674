import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Command, Request } from "../kit/context";
import { Failure } from "../kit/failure";
import type { Reply } from "../../../contract/agentReplies";

/** A job that is told to stop ends its tools and sessions, and removes what it began. */
const PATIENCE_MS = 15_000;

/**
 * A command that runs in a process of its own: the agent stays small between runs, and a job that
 * dies takes nothing with it. What it logs goes to the agent's log.
 */
export function worker(command: string): Command {
  return async (args, context, say, signal) => {
    signal.throwIfAborted();
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", "work"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let patience: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill("SIGTERM");
      patience ??= setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
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
      const reply = JSON.parse(line) as Reply;
      if ("progress" in reply) say(reply.progress);
      else answer = reply;
    });
    // What it does not read it will have said something about.
    child.stdin.on("error", () => undefined);
    const request: Request = { command, args };
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
  };
}
