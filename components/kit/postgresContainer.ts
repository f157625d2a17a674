import type * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { dataFolder, type ServerKind, serverVolumes, socketFolder } from "../../contract/names";
import { type File, hardened, serverHealthcheck, serverIdentity, uploadsOf } from "./container";
import type { StackContext } from "./context";
import { ownContainer } from "./ownContainer";
import { readiness } from "./readiness";
import { serverMemory } from "./serverMemory";
import { type ContainerVolume, keptVolume, passingVolume } from "./volume";

interface PostgresArgs {
  /** The stack, with the engine that runs this server. */
  stack: StackContext;
  /** The server's role, which names its container and volumes. A change makes another, empty server. */
  role: string;
  /** What the entry point runs. The paths of data and sockets follow from it. */
  command: ServerKind;
  /** The published port. A change replaces the container and keeps the data. */
  port: number;
  /** The container's weight where cores are scarce. Default: Docker's 1024. Applied in place. */
  cpuShares?: number;
  /** `memory` of the server. Default: 2GB. A change replaces the container and keeps the data. */
  memory?: string | undefined;
  /** Environment variables without secrets. A change replaces the container and keeps the data. */
  envs: Record<string, string>;
  /** Files below /etc/laterbase. A change replaces the container and keeps the data. */
  files: File[];
  /** What it mounts besides its data and its socket. Default: nothing. */
  mounts?: ContainerVolume[];
  /** What has to be there before the container starts. Default: nothing. */
  after?: pulumi.Resource[];
  /** Declares what the container needs before it can become ready. Default: nothing. */
  beforeReady?: (made: Omit<Postgres, "volumes" | "ready">) => pulumi.Resource[];
}

/** The volumes of a server. */
export interface PostgresVolumes {
  /** Its data. */
  data: pulumi.Output<string>;
  /** The folder of its socket. */
  socket: pulumi.Output<string>;
}

/** A PostgreSQL server as `postgresContainer` declares it. */
interface Postgres {
  /** The container's name. */
  containerName: string;
  /** The container itself. */
  container: docker.Container;
  /** Its volumes, by their names. */
  volumes: PostgresVolumes;
  /** Waits until the server works, and shows its progress. */
  ready: command.local.Command;
}

/** The volumes and the container of a PostgreSQL server. Its data volume outlives it. */
export function postgresContainer(
  name: string,
  args: PostgresArgs,
  parent: pulumi.Resource,
): Postgres {
  const { stack, role, command } = args;
  const { engine } = stack;
  const volumes = serverVolumes(stack.prefix, role);
  const data = keptVolume(`${name}-data`, { volume: volumes.data, role, stack }, parent);
  const socket = passingVolume(`${name}-socket`, { volume: volumes.socket, role, stack }, parent);
  const memory = serverMemory(args.memory);
  const own = serverIdentity(stack, role);
  const container = ownContainer(
    engine,
    `${name}-container`,
    {
      ...own,
      image: engine.image.name,
      command: [command],
      envs: Object.entries(args.envs).map(([key, value]) => `${key}=${value}`),
      ports: [{ internal: 5432, external: args.port, ip: stack.bindAddress }],
      volumes: [
        { volumeName: data.name, containerPath: dataFolder(command) },
        { volumeName: socket.name, containerPath: socketFolder(command) },
        ...(args.mounts ?? []),
      ],
      uploads: uploadsOf(args.files),
      // The grace is for PostgreSQL's last checkpoint. Each connection is a process.
      ...hardened({ memory: memory.limit, graceSeconds: 60, processes: 4096 }),
      healthcheck: serverHealthcheck,
      ...(args.cpuShares ? { cpuShares: args.cpuShares } : {}),
      stopSignal: "SIGINT",
      shmSize: memory.shm,
    },
    {
      parent,
      provider: engine.provider,
      ...(args.after ? { dependsOn: args.after } : {}),
      // Two containers on one data directory would destroy it.
      deleteBeforeReplace: true,
      replaceOnChanges: ["healthcheck", "tmpfs", "init"],
    },
  );
  const made = { containerName: own.name, container };
  const named = { data: data.name, socket: socket.name };
  const after = args.beforeReady?.(made) ?? [];
  const ready = readiness(`${name}-ready`, { ...made, engine, after }, parent);
  return { ...made, volumes: named, ready };
}
