import { spawn } from "node:child_process";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string | undefined>;
  input?: string;
  cwd?: string;
  /** A limit for programs that hang. */
  seconds?: number;
}

/**
 * Runs a program to its end, whatever its exit code. It is not execa, which fails when a program ends
 * before it has read its input.
 */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { env, input = "", cwd, seconds = 600 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...process.env, ...env },
      ...(cwd ? { cwd } : {}),
      timeout: seconds * 1000,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString() + (signal ? `\nended by ${signal}` : ""),
      }),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Runs a program that must succeed, and returns what it printed. */
export async function ok(
  file: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const ran = await run(file, args, options);
  if (ran.code === 0) return ran.stdout;
  throw new Error(`${file} ${args.join(" ")} ended with ${ran.code}:\n${ran.stdout}${ran.stderr}`);
}

/** Asks again until the answer is true, first after 50 ms and later every half second. */
export async function until(
  what: string,
  ask: () => Promise<boolean>,
  seconds = 300,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  let last = "";
  for (let pause = 50; Date.now() < end; pause = Math.min(500, pause * 1.5)) {
    try {
      if (await ask()) return;
      last = "";
    } catch (error) {
      last = ` (${error instanceof Error ? error.message : String(error)})`;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error(`not within ${seconds} s: ${what}${last}`);
}

/** Does each of these, also after one that fails, so that a test leaves nothing behind. Throws the first error. */
export async function doAll(...steps: (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
