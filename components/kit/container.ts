import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";

/** What an image is built from; the tag names its content. */
export interface ImageSource {
  tag: string;
  context: string;
  buildArgs: Record<string, string>;
}

export interface PostgresArgs {
  engine: Engine;
  /** `<project>-<stack>` and what the container is for: together its name. */
  prefix: string;
  stack: string;
  role: string;
  /** What the entry point runs, and so where data and sockets live. */
  command: "primary" | "standby";
  published: { port: number; address: string };
  /** Its weight where cores are scarce. Default: Docker's, 1024. */
  cpuShares?: number;
  envs: Record<string, string>;
  /** Files below /etc/laterbase. Secret ones are readable by PostgreSQL's user alone. */
  files: File[];
}

/** A file below /etc/laterbase; with the mode 0400 it is for PostgreSQL's user alone. */
export interface File {
  name: string;
  content: pulumi.Input<string>;
  mode?: "0444" | "0555" | "0400";
}

export interface Postgres {
  container: docker.Container;
  /** Waits until the server does what it is for, and shows how far it has come. */
  ready: command.local.Command;
}

/**
 * The volumes and the container of one PostgreSQL server, with what every one of ours has: one
 * uid, no capability, a limit of memory, a clean stop, data that outlives it.
 */
export function postgresContainer(
  name: string,
  args: PostgresArgs,
  opts: pulumi.CustomResourceOptions,
): Postgres {
  const { engine, command: role } = args;
  const containerName = `${args.prefix}-${args.role}`;
  const labels = labelsOf(args.role, args.stack);
  const { dependsOn, ...own } = { ...opts, provider: engine.provider };
  // A replaced volume is a deleted one, and Docker's plugin replaces it for a label.
  const fixed = { ignoreChanges: ["labels", "driver", "driverOpts"] };
  const data = new docker.Volume(
    `${name}-data`,
    { name: `${containerName}-data`, labels },
    { ...own, ...fixed, protect: true, retainOnDelete: true },
  );
  const socket = new docker.Volume(
    `${name}-socket`,
    { name: `${containerName}-socket`, labels },
    { ...own, ...fixed },
  );
  const container = new docker.Container(
    `${name}-container`,
    {
      name: containerName,
      hostname: args.role,
      image: engine.image.name,
      command: [role],
      envs: Object.entries(args.envs).map(([key, value]) => `${key}=${value}`),
      labels,
      networksAdvanced: [{ name: engine.network.name, aliases: [args.role] }],
      ports: [{ internal: 5432, external: args.published.port, ip: args.published.address }],
      volumes: [
        { volumeName: data.name, containerPath: `/var/lib/postgresql/${role}` },
        { volumeName: socket.name, containerPath: `/run/pg/${role}` },
      ],
      uploads: uploadsOf(args.files),
      // PostgreSQL shall write its checkpoint.
      ...limits({ memory: 2048, graceSeconds: 60 }),
      ...(args.cpuShares ? { cpuShares: args.cpuShares } : {}),
      stopSignal: "SIGINT",
      shmSize: 256,
    },
    {
      ...own,
      ...(dependsOn ? { dependsOn } : {}),
      // Two containers on one data directory would destroy it.
      deleteBeforeReplace: true,
      replaceOnChanges: ["healthcheck", "tmpfs", "init"],
    },
  );
  const ready = readiness(`${name}-ready`, containerName, container, engine, opts.parent);
  return { container, ready };
}

/** What lists and clean-ups find a stack's things by. */
export function labelsOf(role: string, stack: string): { label: string; value: string }[] {
  return [
    { label: "laterbase.role", value: role },
    { label: "laterbase.stack", value: stack },
  ];
}

export function uploadsOf(files: readonly File[]) {
  return files.map(({ name: file, content, mode = "0444" }) => ({
    file: `/etc/laterbase/${file}`,
    content,
    permissions: mode,
    owner: uid,
    group: uid,
  }));
}

/** PostgreSQL's user and group in every image, so that volumes can be shared. */
export const uid = "999";

/** Each check is an exec, which replay feels; `up` asks by itself and does not wait for one. */
export const healthcheck = {
  tests: ["CMD", "/usr/local/bin/laterbase-health"],
  interval: "30s",
  timeout: "5s",
  startPeriod: "30s",
  retries: 3,
};

/**
 * What every container of ours has: a limit of memory, no capability, a log that does not grow, a
 * return after a crash. Without the grace a replaced or destroyed container is killed at once.
 */
export function limits({ memory, graceSeconds }: { memory: number; graceSeconds: number }) {
  return {
    healthcheck,
    restart: "unless-stopped",
    destroyGraceSeconds: graceSeconds,
    stopTimeout: graceSeconds,
    // The same limit for both, or Docker doubles the second, which shows as a change for ever.
    memory,
    memorySwap: memory,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
  } satisfies Partial<docker.ContainerArgs>;
}

/** Docker's own `wait` shows nothing for hours and does not notice a server that has given up. */
export function readiness(
  name: string,
  containerName: string,
  container: docker.Container,
  engine: Engine,
  parent?: pulumi.Resource,
): command.local.Command {
  return new command.local.Command(
    name,
    {
      create: `node --import tsx scripts/steps/ready.ts ${containerName}`,
      environment: { LATERBASE_ENGINE: engine.host ?? "" },
      triggers: [container.id],
      addPreviousOutputInEnv: false,
    },
    { ...(parent ? { parent } : {}), deleteBeforeReplace: true },
  );
}
