import type { Duplex, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";
import { execIn } from "./exec";

/** A program to run in a running container. */
export interface ProgramInContainer {
  command: readonly string[];
  /** Variables of its own environment. The container's other processes do not see them. */
  environment: Readonly<Record<string, string>>;
  stdout: Writable;
  stderr: Writable;
}

/** A program that runs in a container. */
export interface RunningInContainer {
  /** Its exit code. Undefined: the container stopped, or the engine went away. */
  ended: Promise<number | undefined>;
}

/** Runs a program in a container and passes its output through while it runs. */
export async function execThrough(
  engine: Docker,
  container: string,
  { command, environment, stdout, stderr }: ProgramInContainer,
): Promise<RunningInContainer> {
  const exec = await engine.getContainer(container).exec({
    Cmd: [...command],
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream: Duplex = await exec.start({ hijack: true });
  engine.modem.demuxStream(stream, stdout as never, stderr as never);
  const ended = finished(stream, { writable: false })
    .catch(() => undefined)
    .then(async () => (await exec.inspect()).ExitCode ?? undefined);
  return { ended };
}

const limitMs = 10_000;

/**
 * Sends a signal to every process in a container that has a variable with this value. The engine can send one to the
 * container's first process only.
 *
 * @returns whether there was a process. It needs a shell and `grep` in the container
 */
export async function signalMarked(
  engine: Docker,
  container: string,
  signal: NodeJS.Signals,
  marker: string,
): Promise<boolean> {
  const script = `found=1
for file in $(grep -lzFx -- "$1" /proc/[0-9]*/environ 2>/dev/null); do
  process=\${file#/proc/}
  kill -s "$2" "\${process%/environ}" 2>/dev/null && found=0
done
exit $found`;
  const words = ["sh", "-c", script, "sh", marker, signal.replace(/^SIG/, "")];
  const said = await execIn(engine, container, words, "", AbortSignal.timeout(limitMs)).catch(
    () => undefined,
  );
  return said?.code === 0;
}
