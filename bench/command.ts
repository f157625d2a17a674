import { spawn } from "node:child_process";
import { join } from "node:path";

/** The checkout. */
export const root = join(__dirname, "..");

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs a command and returns the seconds it took. If it fails, the error has its output. */
export function timed(
  command: string,
  args: string[],
  options: CommandOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    }
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve((performance.now() - began) / 1000);
      else reject(new Error(`${[command, ...args].join(" ")}: exit ${code}\n${said}`));
    });
  });
}
