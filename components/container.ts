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
  envs: Record<string, string>;
  /** Files below /etc/laterbase. Secret ones are readable by PostgreSQL's user alone. */
  files: { name: string; content: pulumi.Input<string>; mode?: "0444" | "0555" | "0400" }[];
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
  const labels = [
    { label: "laterbase.role", value: args.role },
    { label: "laterbase.stack", value: args.stack },
  ];
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
      uploads: args.files.map(({ name: file, content, mode = "0444" }) => ({
        file: `/etc/laterbase/${file}`,
        content,
        permissions: mode,
        owner: uid,
        group: uid,
      })),
      ...hardening,
    },
    {
      ...own,
      ...(dependsOn ? { dependsOn } : {}),
      // Two containers on one data directory would destroy it.
      deleteBeforeReplace: true,
      replaceOnChanges: ["healthcheck", "tmpfs", "init"],
    },
  );
  return { container, ready: readiness(`${name}-ready`, containerName, container, args, opts) };
}

/** PostgreSQL's user and group in every image, so that volumes can be shared. */
const uid = "999";

/** Each check costs an exec, which replay feels: no more often than somebody would look. */
export const healthcheck = {
  tests: ["CMD", "/usr/local/bin/laterbase-health"],
  interval: "10s",
  timeout: "5s",
  startPeriod: "30s",
  retries: 3,
};

const hardening = {
  healthcheck,
  restart: "unless-stopped",
  // Without it a replaced or destroyed container is killed; PostgreSQL shall write its checkpoint.
  destroyGraceSeconds: 60,
  stopTimeout: 60,
  stopSignal: "SIGINT",
  // The same limit for both, or Docker doubles the second, which shows as a change for ever.
  memory: 2048,
  memorySwap: 2048,
  shmSize: 256,
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
} satisfies Partial<docker.ContainerArgs>;

/** Docker's own `wait` shows nothing for hours and does not notice a server that has given up. */
function readiness(
  name: string,
  containerName: string,
  container: docker.Container,
  { engine }: PostgresArgs,
  { parent }: pulumi.CustomResourceOptions,
): command.local.Command {
  return new command.local.Command(
    name,
    {
      create: `node --import tsx scripts/ready.ts ${containerName}`,
      environment: { LATERBASE_ENGINE: engine.host ?? "" },
      triggers: [container.id],
      addPreviousOutputInEnv: false,
    },
    { ...(parent ? { parent } : {}), deleteBeforeReplace: true },
  );
}
