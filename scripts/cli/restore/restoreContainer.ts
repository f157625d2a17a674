import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { restoreWork } from "../../../contract/names";
import type { StepMount } from "../../../contract/stepMount";
import { CliError } from "../terminal/cliError";

/** A restore's own container. */
export interface RestoreContainerArgs {
  /** Its name. Two restores of a stack have the same, so the second one is refused. */
  name: string;
  /** The stack, for the labels. */
  stack: string;
  image: string;
  network: string;
  mounts: readonly StepMount[];
  /** Folders that are empty and in memory, beside /tmp. Default: none. */
  scratch?: readonly string[];
}

/** What a program in it was. */
export interface RestoreRan {
  code: number;
  stdout: string;
  stderr: string;
}

const conflict = 409;
/** How long one of a killed run may take to end. */
const patienceMs = 10_000;
const againMs = 250;

/** It ends with its standard input, so with the process that made it, whatever ends that one. */
const IDLE = "while read -r _; do :; done";

/**
 * A container in which the programs of a restore run one after the other, as the servers' user. The engine removes it
 * when this process ends, also when it is killed. While it is there, no other restore of the stack begins.
 */
export class RestoreContainer {
  private closed: Promise<void> | undefined;

  private constructor(
    private readonly engine: Docker,
    private readonly container: Docker.Container,
    private readonly life: NodeJS.ReadWriteStream & { destroy(): void },
  ) {}

  /** @throws CliError while another restore of the stack is at work */
  static async open(engine: Docker, args: RestoreContainerArgs): Promise<RestoreContainer> {
    const container = await made(engine, args);
    try {
      const life = await container.attach({ stream: true, hijack: true, stdin: true });
      life.on("error", () => undefined);
      await container.start();
      return new RestoreContainer(engine, container, life as never);
    } catch (error) {
      await container.remove({ force: true }).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Runs a program and waits for its end. The signal ends the container, and so the program.
   *
   * @param onLine gets each line of its output, which is then not in the result
   */
  async run(
    words: readonly string[],
    { onLine, signal }: { onLine?: (line: string) => void; signal?: AbortSignal | undefined } = {},
  ): Promise<RestoreRan> {
    signal?.throwIfAborted();
    const exec = await this.container.exec({
      Cmd: [...words],
      Env: ["LC_ALL=C.UTF-8"],
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: false });
    const end = () => void this.close();
    signal?.addEventListener("abort", end, { once: true });
    const [out, err] = [new PassThrough(), new PassThrough()];
    this.engine.modem.demuxStream(stream, out, err);
    const said = Promise.all([collected(out, onLine), collected(err)]);
    try {
      await new Promise<void>((resolve, reject) => {
        stream.once("end", resolve).once("close", resolve).once("error", reject);
      });
      out.end();
      err.end();
      const [stdout, stderr] = await said;
      signal?.throwIfAborted();
      const { ExitCode } = await exec.inspect();
      return { code: ExitCode ?? 137, stdout, stderr };
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }

  /** Removes it. When this returns, its volumes can be removed too. */
  close(): Promise<void> {
    this.closed ??= this.remove();
    return this.closed;
  }

  private async remove(): Promise<void> {
    this.life.destroy();
    // The engine may be removing it by itself already.
    for (
      const end = performance.now() + patienceMs;
      performance.now() < end;
      await sleep(againMs)
    ) {
      await this.container.remove({ force: true }).catch(() => undefined);
      const there = await this.container.inspect().catch(() => undefined);
      if (!there) return;
    }
  }
}

async function made(engine: Docker, args: RestoreContainerArgs): Promise<Docker.Container> {
  for (const end = performance.now() + patienceMs; ; await sleep(againMs)) {
    try {
      return await create(engine, args);
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== conflict) throw error;
      // One that was never started belongs to a run that was killed. One that runs may be ending.
      const info = await engine
        .getContainer(args.name)
        .inspect()
        .catch(() => undefined);
      if (info && info.State.Status !== "running" && performance.now() > end) {
        await engine.getContainer(info.Id).remove({ force: true });
        continue;
      }
      if (performance.now() > end) {
        throw new CliError(`Another restore of stack ${args.stack} is at work: wait for it.`, 4);
      }
    }
  }
}

async function create(
  engine: Docker,
  { name, stack, image, network, mounts, scratch = [] }: RestoreContainerArgs,
): Promise<Docker.Container> {
  return engine.createContainer({
    name,
    Image: image,
    Entrypoint: ["bash"],
    Cmd: ["-c", IDLE],
    User: "999",
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    Healthcheck: { Test: ["NONE"] },
    Labels: { "laterbase.stack": stack, "laterbase.role": restoreWork },
    HostConfig: {
      AutoRemove: true,
      Init: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      LogConfig: { Type: "none", Config: {} },
      NetworkMode: network,
      Tmpfs: {
        "/tmp": "rw,mode=1777,size=256m",
        ...Object.fromEntries(scratch.map((folder) => [folder, "rw,uid=999,gid=999,size=16m"])),
      },
      Mounts: mounts.map(({ source, target, readOnly = false }) => ({
        Type: source.startsWith("/") ? ("bind" as const) : ("volume" as const),
        Source: source,
        Target: target,
        ReadOnly: readOnly,
      })),
    },
  });
}

async function collected(
  stream: NodeJS.ReadableStream,
  onLine?: (line: string) => void,
): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream })) {
    if (onLine) onLine(line);
    else lines.push(line);
  }
  return lines.join("\n");
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
