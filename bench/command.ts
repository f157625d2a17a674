import { join } from "node:path";
import { execa } from "execa";

/** The checkout. */
export const root = join(__dirname, "..");

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs a command and returns the seconds it took. If it fails, the error has its output. */
export async function timed(
  command: string,
  args: string[],
  options: CommandOptions = {},
): Promise<number> {
  const began = performance.now();
  const ran = await execa(command, args, {
    cwd: options.cwd ?? root,
    env: options.env ?? process.env,
    extendEnv: false,
    stdin: "ignore",
    all: true,
    reject: false,
  });
  if (!ran.failed) return (performance.now() - began) / 1000;
  throw new Error(`${[command, ...args].join(" ")}: exit ${ran.exitCode}\n${ran.all ?? ""}`);
}
