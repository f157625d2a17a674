import { spawn } from "node:child_process";
import { join } from "node:path";

/** What the wrapper answers when a person said no, or when it refused: nothing was changed. */
export const NOTHING_DONE = 4;

export interface UpOptions {
  /** Whether nothing is asked. */
  yes: boolean;
  /** Ends it early: the steps under way are finished. */
  signal?: AbortSignal | undefined;
}

const wrapper = join(__dirname, "../../wrapper/main.ts");

/**
 * Brings a stack up as `npm run pulumi -- up` does, with its questions. What it prints goes to standard error, because
 * standard output is for the command's result.
 *
 * @returns its exit code
 */
export function bringUp(stack: string, { yes, signal }: UpOptions): Promise<number> {
  const file = process.env["LATERBASE_STACK_FILE"];
  const words = [
    ...["--require", "tsx/cjs", wrapper, "up", "--stack", stack],
    ...(file ? ["--config-file", file] : []),
    ...(yes ? ["--yes"] : []),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { stdio: ["inherit", 2, 2] });
    // A key of the terminal reaches it anyway, and two signals within a second count as one.
    const interrupt = () => child.kill("SIGINT");
    if (signal?.aborted) interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
