import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import type { JobConfig } from "./config";
import type { Engine } from "./engine";
import type { Output } from "./frames";
import { splitCommand } from "./words";

/** A job that can be run. It fails when the promise is rejected. */
export abstract class Job {
  /** The number of its present runs. */
  running = 0;

  constructor(readonly config: JobConfig) {}

  abstract run(output: Output): Promise<void>;
}

/** Runs a command in a container, which is looked up by name for each run. */
export class ExecJob extends Job {
  /** As in Ofelia, all runs of a job share it: if runs overlap, the exit code may be another run's. */
  private execId = "";

  constructor(
    config: JobConfig,
    private readonly engine: Engine,
  ) {
    super(config);
  }

  async run(output: Output): Promise<void> {
    const { container, user, tty, environment } = this.config;
    const command = splitCommand(this.config.command);
    const exec = { container, command, user, tty, environment };
    this.execId = await step("creating", this.engine.createExec(exec));
    await step("starting", this.engine.startExec(this.execId, tty, output));
    const code = await step("inspecting", this.engine.exitCode(this.execId));
    if (code === -1)
      throw new Error("error unexpected, docker has returned exit code -1, maybe wrong user?");
    if (code !== 0) throw new Error(`error non-zero exit code: ${code}`);
  }
}

async function step<T>(what: string, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`error ${what} exec: ${reason}`, { cause: error });
  }
}

/** Runs a command in Ofelia's own container. Its failures have Ofelia's texts, so this is not execa. */
export class LocalJob extends Job {
  async run(output: Output): Promise<void> {
    const { command, environment, dir } = this.config;
    const [name = "", ...args] = splitCommand(command);
    const file = lookUp(name);
    const added = environment.map((entry): [string, string] => {
      const [key = "", ...value] = entry.split("=");
      return [key, value.join("=")];
    });
    await new Promise<void>((resolve, reject) => {
      const child = spawn(file, args, {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, ...Object.fromEntries(added) },
        ...(dir ? { cwd: dir } : {}),
      });
      child.stdout.setEncoding("utf8").on("data", (text: string) => output.add("stdout", text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => output.add("stderr", text));
      child.on("error", reject);
      child.on("close", (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(signal ? `signal: ${signal}` : `exit status ${code}`));
      });
    });
  }
}

function lookUp(name: string): string {
  const folders = name.includes("/") ? [""] : (process.env["PATH"] ?? "").split(":");
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found) return found;
  throw new Error(`exec: ${JSON.stringify(name)}: executable file not found in $PATH`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
