import type { Duplex } from "node:stream";
import { connect } from "./connect";
import type { StepMount } from "../../contract/stepMount";
import { converse, type Said } from "./exec";

/** Where a step's container runs. A standby connects from the same engine and network. */
export interface StepPlace {
  /** The engine; empty is the local one. */
  host: string;
  image: string;
  /** The stack's; empty where there is none yet. */
  network: string;
  /** What it mounts. Default: nothing. */
  mounts?: readonly StepMount[];
}

/**
 * Runs a script by `bash -s` in a container. The script holds secrets, so it goes by standard input
 * all the way, /tmp is in memory, and the engine keeps no log. The container is always removed at the
 * end. `began` gets a function that removes it earlier.
 */
export async function runStep(
  { host, image, network, mounts }: StepPlace,
  script: string,
  mode: string,
  began: (clear: () => Promise<unknown>) => void = () => undefined,
): Promise<Said> {
  const engine = connect({ host });
  const container = await engine.createContainer({
    Image: image,
    Entrypoint: ["bash"],
    Cmd: ["-s", "--", mode],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Healthcheck: { Test: ["NONE"] },
    Labels: { "laterbase.role": "step" },
    HostConfig: {
      AutoRemove: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      LogConfig: { Type: "none", Config: {} },
      NetworkMode: network || "default",
      Tmpfs: { "/tmp": "rw,mode=1777,size=16m" },
      ...(mounts ? { Mounts: mounts.map(mountOf) } : {}),
    },
  });
  const clear = () => container.remove({ force: true }).catch(() => undefined);
  began(clear);
  try {
    const stream = await container.attach({
      stream: true,
      hijack: true,
      stdin: true,
      stdout: true,
      stderr: true,
    });
    // Before the start: after it the container and its exit code may be gone.
    const exit = container.wait({ condition: "next-exit" }) as Promise<{ StatusCode: number }>;
    exit.catch(() => undefined);
    await container.start();
    const said = await converse(engine, stream as Duplex, script);
    return { code: (await exit).StatusCode, ...said };
  } finally {
    await clear();
  }
}

function mountOf({ source, target, readOnly = false }: StepMount) {
  return {
    Type: source.startsWith("/") ? ("bind" as const) : ("volume" as const),
    Source: source,
    Target: target,
    ReadOnly: readOnly,
  };
}
