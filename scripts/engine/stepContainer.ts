import { connect } from "./connect";
import type { StepMount } from "../../contract/stepMount";
import { createStep, outcomeOf } from "./createStep";
import type { Said } from "./exec";

/** Where a step's container runs. A standby connects from the same engine and network. */
export interface StepPlace {
  /** The engine; empty is the local one. */
  host: string;
  image: string;
  /** The stack's; empty where there is none yet. */
  network: string;
  /** What it mounts. Default: nothing. */
  mounts?: readonly StepMount[];
  /** Folders that are empty and in memory, beside /tmp. Default: none. */
  scratch?: readonly string[];
}

/**
 * Runs a script by `bash -s` in a container. The script holds secrets, so it goes by standard input
 * all the way, /tmp is in memory, and the engine keeps no log. The container is always removed at the
 * end. `began` gets a function that removes it earlier.
 */
export async function runStep(
  { host, image, network, mounts, scratch = [] }: StepPlace,
  script: string,
  mode: string,
  began: (clear: () => Promise<unknown>) => void = () => undefined,
): Promise<Said> {
  const engine = connect({ host });
  const container = await createStep(engine, {
    Image: image,
    Entrypoint: ["bash"],
    Cmd: ["-s", "--", mode],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: {
      AutoRemove: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      LogConfig: { Type: "none", Config: {} },
      NetworkMode: network || "default",
      Tmpfs: {
        "/tmp": "rw,mode=1777,size=16m",
        // The engine takes the mode from the image's folder there, so PostgreSQL's user has to own it.
        ...Object.fromEntries(scratch.map((folder) => [folder, "rw,uid=999,gid=999,size=16m"])),
      },
      ...(mounts ? { Mounts: mounts.map(mountOf) } : {}),
    },
  });
  const clear = () => container.remove({ force: true }).catch(() => undefined);
  began(clear);
  try {
    return await outcomeOf(engine, container, script);
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
