import type Docker from "dockerode";
import { createStep, outcomeOf } from "./createStep";
import type { Said } from "./exec";

/** A script of ours that runs as root for a moment, with the capabilities that it needs and no other. */
interface RootScript {
  image: string;
  script: string;
  /** The script's arguments. */
  words: readonly string[];
  /** Such as CHOWN. */
  capabilities: readonly string[];
  /** Whether it sees the network of the engine's machine. Default false: it has no network. */
  hostNetwork?: boolean;
  /** Volumes and folders of the engine's machine. A folder has to exist, unless it is `made`. */
  mounts: { volume?: string; folder?: string; made?: boolean; target: string }[];
}

/**
 * Runs a script by bash in a container, by default without a network, and removes the container.
 * Neither the script nor its words hold a secret.
 *
 * @throws what the engine answers, with `statusCode` 400 where a folder does not exist
 */
export async function runAsRoot(engine: Docker, run: RootScript): Promise<Said> {
  const container = await createStep(engine, {
    Image: run.image,
    Entrypoint: ["bash"],
    Cmd: ["-c", run.script, "bash", ...run.words],
    User: "0:0",
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      // The engine removes it also when this process is killed.
      AutoRemove: true,
      LogConfig: { Type: "none", Config: {} },
      CapDrop: ["ALL"],
      CapAdd: [...run.capabilities],
      SecurityOpt: ["no-new-privileges:true"],
      NetworkMode: run.hostNetwork ? "host" : "none",
      PidsLimit: 32,
      ReadonlyRootfs: true,
      // Docker makes the missing folder of a bind, and refuses that of a mount.
      Binds: run.mounts.flatMap(({ folder, made, target }) =>
        folder !== undefined && made ? `${folder}:${target}:ro` : [],
      ),
      Mounts: run.mounts.flatMap(({ volume, folder, made, target }) =>
        made
          ? []
          : {
              Type: volume === undefined ? ("bind" as const) : ("volume" as const),
              Source: volume ?? folder ?? "",
              Target: target,
            },
      ),
    },
  });
  try {
    return await outcomeOf(engine, container);
  } finally {
    await container.remove({ force: true }).catch(() => undefined);
  }
}
