import type Dockerode from "dockerode";
import type { Duplex } from "node:stream";

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a script by `bash -s` inside a running container. */
export function execInContainer(
  engine: Dockerode,
  container: string,
  script: string,
  signal: AbortSignal,
): Promise<Said> {
  return execIn(engine, container, ["bash", "-s", "--", "apply"], script, signal);
}

/** Runs a command inside a running container. Secrets go to its standard input. */
export async function execIn(
  engine: Dockerode,
  container: string,
  words: readonly string[],
  input: string,
  signal: AbortSignal,
  { user }: { user?: string } = {},
): Promise<Said> {
  const exec = await engine.getContainer(container).exec({
    Cmd: [...words],
    ...(user === undefined ? {} : { User: user }),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    abortSignal: signal,
  });
  const stream: Duplex = await exec.start({ hijack: true, stdin: true, abortSignal: signal });
  const said = await converse(engine, stream, input, signal);
  const { ExitCode } = await exec.inspect({ abortSignal: signal });
  // It has none when its container stopped meanwhile, which ended it by SIGKILL.
  return { code: ExitCode ?? 137, ...said };
}

/** Sends the script over an attached stream and collects what comes back, until it ends. */
export function converse(
  engine: Dockerode,
  stream: Duplex,
  script: string,
  signal?: AbortSignal,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const sink = (chunks: Buffer[]) => ({ write: (chunk: Buffer) => chunks.push(chunk) });
    engine.modem.demuxStream(stream, sink(out) as never, sink(err) as never);
    signal?.addEventListener("abort", () => stream.destroy(new Error("no answer in time")));
    stream.on("error", reject);
    stream.on("end", () =>
      resolve({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
    stream.end(script);
  });
}
