import { spawn } from "node:child_process";
import type { Ran, RunOptions } from "../process";

/** What ends a question: a shell's, psql's, or a sentence. */
const question = /[:?>#=\]] +$/;
// eslint-disable-next-line no-control-regex -- colours and the place of the cursor
const control = /\x1b(?:\[[0-9;?]*[a-zA-Z]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g;

/**
 * Runs a command at a terminal of its own, and types an answer after each question. What is asked beyond the last
 * answer gets the end of the input.
 */
export function answered(
  command: string,
  answers: readonly string[],
  { cwd, env, seconds = 600 }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      ...(cwd ? { cwd } : {}),
      env: { ...process.env, ...env },
      timeout: seconds * 1000,
    });
    const left = [...answers];
    let said = "";
    let seen = 0;
    let answeredAt = 0;
    // A line without an end that stays for a moment waits for an answer.
    const timer = setInterval(() => {
      const isStill = said.length === seen;
      seen = said.length;
      const line = said.slice(answeredAt).replaceAll(control, "").replace(/\r+$/, "");
      if (!isStill || !question.test(line)) return;
      answeredAt = said.length;
      if (left.length > 0) child.stdin.write(`${left.shift()}\r`);
      else child.stdin.end();
    }, 400);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    }
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(timer);
      const unused = left.length > 0 ? `\nnot asked for: ${left.join("; ")}` : "";
      resolve({
        code: unused && code === 0 ? 128 : (code ?? 128),
        stdout: said.replaceAll(control, "").replaceAll("\r\n", "\n"),
        stderr: unused + (signal ? `\nended by ${signal}` : ""),
      });
    });
  });
}
