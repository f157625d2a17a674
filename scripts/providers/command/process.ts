import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { onAbort } from "./abort";
import type { Capture } from "./capture";
import { exitText, failure } from "./goText";

/** A process to be run. */
export interface ProcessArgs {
  interpreter: string[];
  command: string;
  dir: string;
  env: NodeJS.ProcessEnv;
  stdin?: string;
  capture: Capture;
  signal: AbortSignal;
}

/** How long an interrupted command may take to clean up. */
const GRACE_MS = 10_000;

/**
 * The running commands. The engine may end the plugin before it interrupts them. This is not execa,
 * which signals the child alone: an interrupt must reach the whole group, as the official plugin does.
 */
const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => signalGroup(child, "SIGTERM")));

/** Runs a command to its end, and until its output is closed. Rejects when it fails. */
export async function runProcess(args: ProcessArgs): Promise<void> {
  const { capture, command, dir } = args;
  if (!existsSync(dir)) throw failure(`chdir ${dir}: no such file or directory`, command, "");
  const cause = await ended(args);
  capture.end();
  if (cause !== undefined) throw failure(cause, command, capture.all());
}

/** Resolves to the cause of a failure, or to undefined. */
function ended({ interpreter, command, dir, env, stdin, capture, signal }: ProcessArgs) {
  const [file = "", ...rest] = interpreter;
  const { promise, resolve } = withResolvers<string | undefined>();
  let child: ChildProcess;
  try {
    child = spawn(file, [...rest, command], {
      cwd: dir,
      env,
      // A process group of its own, so that an interrupt reaches everything that the command started.
      detached: true,
      stdio: [stdin ? "pipe" : "ignore", "pipe", "pipe"],
    });
  } catch (error) {
    // An environment that is too long already fails here.
    return Promise.resolve(startFailure(file, error as NodeJS.ErrnoException));
  }
  running.add(child);
  child.on("error", (error) => resolve(startFailure(file, error)));
  child.stdout?.on("data", (chunk: Buffer) => capture.add("stdout", chunk));
  child.stderr?.on("data", (chunk: Buffer) => capture.add("stderr", chunk));
  // A command may ignore its input.
  child.stdin?.on("error", () => {});
  child.stdin?.end(stdin);
  const release = endOnAbort(child, signal);
  child.on("close", (code, name) => {
    release();
    running.delete(child);
    resolve(code === 0 ? undefined : exitText(code, name));
  });
  return promise;
}

/** On abort, asks the whole group to end, and kills it after the grace period. */
function endOnAbort(child: ChildProcess, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const forget = onAbort(signal, () => {
    signalGroup(child, "SIGTERM");
    timer = setTimeout(() => signalGroup(child, "SIGKILL"), GRACE_MS);
  });
  return () => {
    forget();
    clearTimeout(timer);
  };
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended already.
  }
}

function startFailure(file: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT" && !file.includes("/")) {
    return `exec: "${file}": executable file not found in $PATH`;
  }
  return `fork/exec ${file}: ${REASONS[error.code ?? ""] ?? error.message}`;
}

const REASONS: Record<string, string> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  E2BIG: "argument list too long",
};

/** Promise.withResolvers, which the types of ES2023 lack. */
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
