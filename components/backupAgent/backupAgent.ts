import { resolve } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { AgentConfig, UploadSettings } from "../../contract/agentConfig";
import { type ImageSource, labelsOf, limits, readiness, uid, uploadsOf } from "../kit/container";
import { parseSchedule, Schedule } from "../schema/schedule";
import { type Engine, engineImage } from "../kit/engine";
import { DatabaseName, Duration, HostFolder, passfileLine, seconds } from "../schema/primitives";
import { strict } from "../schema/strict";

const count = (least: number, example: number, what: string) =>
  z
    .int({ error: `must be a whole number of ${what}, such as ${example}` })
    .min(least, `must be at least ${least}, such as ${example}`)
    .max(36500, `must be at most 36500, such as ${example}`);

/** `laterbase:dumps`. */
export const dumpsSchema = strict({
  schedule: Schedule.default("@hourly").meta({
    description: "When to dump, in `timeZone`.",
    change: "A change restarts the agent and the scheduler.",
    example: "@hourly",
  }),
  retentionDays: count(1, 7, "days").default(7).meta({
    description:
      "A dump is kept for at least this many days. The newest good dump of a database is never deleted.",
    change: "A change restarts the agent.",
    example: 7,
  }),
  retentionCount: count(1, 3, "dumps").default(3).meta({
    description: "At least this many dumps of each database are kept, however old they are.",
    change: "A change restarts the agent.",
    example: 3,
  }),
  path: HostFolder.optional().meta({
    description:
      "A folder of the engine's machine for the dumps. A relative path starts at the project's folder and needs the local engine.",
    change: "A change restarts the agent and Duplicati, and leaves the old dumps where they are.",
    unset: "a volume",
    example: "./backups",
  }),
  source: z
    .literal(["standby", "primary"], { error: 'must be "standby" or "primary"' })
    .default("standby")
    .meta({
      description: "The server to read. If it cannot be used, the agent reads the other one.",
      change: "A change restarts the agent.",
      example: "standby",
    }),
  plain: z.boolean({ error: "must be true or false" }).default(false).meta({
    description: "Write a plain `.sql.gz` as well.",
    change: "A change restarts the agent.",
    example: false,
  }),
  timeout: Duration.default("50m").meta({
    description: "A run that takes longer is stopped.",
    change: "A change restarts the agent.",
    example: "50m",
  }),
  databases: z
    .union([z.literal("*"), z.array(DatabaseName).min(1)], {
      error: 'must be a list of names, such as [ResolveProjects], or "*"',
    })
    .default("*")
    .meta({
      description: 'The databases to dump, or `"*"` for every database that is no template.',
      change: "A change restarts the agent.",
      example: "*",
    }),
});

export interface BackupAgentArgs {
  engine: Engine;
  /** What every name of this stack begins with: `<project>-<stack>`. */
  prefix: string;
  stack: string;
  image: ImageSource;
  timeZone: string;
  /** PostgreSQL's major: that of the servers and of every tool. */
  version: number;
  config: z.output<typeof dumpsSchema>;
  backups: Backups;
  role: AgentConfig["role"] & { password: pulumi.Input<string> };
  primary: { host: string; port: number };
  /** A standby on the agent's own engine. */
  standby?: { host: string; port: number };
  upload?: UploadSettings & { password: pulumi.Input<string> };
  /** What has to be there before it starts. */
  after: pulumi.Resource[];
}

/** Where dumps are: what the agent and Duplicati mount. */
export type Backups = { volumeName: pulumi.Input<string> } | { hostPath: string };

/**
 * A volume, which outlives its stack, or the folder that the configuration names. The volume is made
 * in both cases: a change to a folder need not delete what is protected.
 */
export function backupsOf(
  args: Pick<BackupAgentArgs, "engine" | "prefix" | "stack" | "config">,
  folder: string,
  parent: pulumi.Resource,
): Backups {
  const volume = keptVolume("backups", `${args.prefix}-backups`, args, parent);
  const { path } = args.config;
  return path ? { hostPath: resolve(folder, path) } : { volumeName: volume.name };
}

function keptVolume(
  name: string,
  volumeName: string,
  { engine, stack }: Pick<BackupAgentArgs, "engine" | "stack">,
  parent: pulumi.Resource,
): docker.Volume {
  return new docker.Volume(
    name,
    { name: volumeName, labels: labelsOf("agent", stack) },
    {
      parent,
      provider: engine.provider,
      protect: true,
      retainOnDelete: true,
      // A replaced volume is a deleted one, and Docker's plugin replaces it for a label.
      ignoreChanges: ["labels", "driver", "driverOpts"],
    },
  );
}

/**
 * The agent: it dumps each database on schedule, checks what it wrote, keeps the record of every
 * job. Destroying it leaves the dumps and the records.
 */
export class BackupAgent extends pulumi.ComponentResource {
  readonly containerName: string;
  /** Anything that asks the agent depends on this. */
  readonly ready: pulumi.Resource;

  constructor(
    name: string,
    private readonly args: BackupAgentArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:BackupAgent", name, {}, opts);
    const { engine } = args;
    this.containerName = `${args.prefix}-agent`;
    const image = engineImage(`${name}-image`, args.image, engine, {
      parent: this,
      dependsOn: [engine.image],
    });
    const records = keptVolume(`${name}-records`, `${args.prefix}-agent-records`, args, this);
    const container = this.container(name, image, records);
    this.ready = readiness(`${name}-ready`, this.containerName, container, engine, this);
    this.registerOutputs({ containerName: this.containerName });
  }

  private container(
    name: string,
    image: docker.RemoteImage,
    records: docker.Volume,
  ): docker.Container {
    const { engine, stack, config, timeZone, upload } = this.args;
    // A folder of the host is its owner's: the entry point takes it over and lets go of these.
    const adds = config.path ? takeover : [];
    return new docker.Container(
      `${name}-container`,
      {
        ...limits({ memory: 1024, graceSeconds: 30 }),
        cpuShares,
        name: this.containerName,
        hostname: "agent",
        image: image.name,
        command: ["serve"],
        init: true,
        user: config.path ? "0" : uid,
        capabilities: { drops: ["ALL"], adds },
        envs: [`TZ=${timeZone}`],
        labels: labelsOf("agent", stack),
        networksAdvanced: [{ name: engine.network.name, aliases: ["agent"] }],
        volumes: [
          { ...this.args.backups, containerPath: "/backups" },
          { volumeName: records.name, containerPath: "/var/lib/laterbase/records" },
        ],
        uploads: uploadsOf([
          { name: "agent.json", content: JSON.stringify(agentConfig(this.args), undefined, 2) },
          { name: "pgpass", content: renderPassfile(this.args), mode: "0400" },
          ...(upload
            ? [{ name: "duplicati-password", content: upload.password, mode: "0400" } as const]
            : []),
        ]),
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: this.args.after,
        // Two agents on one folder would each take the other's work for a crash's.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}

/** An eighth of what others have: where cores are scarce, a dump waits and not the primary's clients. */
export const cpuShares = 128;

const takeover = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"].map(
  (name) => `CAP_${name}`,
);

/** `/etc/laterbase/agent.json`: named one by one, so that nothing secret slips in. */
export function agentConfig(args: BackupAgentArgs): AgentConfig {
  const { stack, version, timeZone, role, primary, standby, config, upload } = args;
  const { schedule, databases, source, retentionDays, retentionCount, plain } = config;
  return {
    stack,
    major: version,
    timeZone,
    role: { name: role.name, superuser: role.superuser },
    primary: { name: "primary", ...primary },
    ...(standby ? { standby: { name: "standby", ...standby } } : {}),
    dumps: {
      schedule: parseSchedule(schedule),
      databases,
      source,
      retentionDays,
      retentionCount,
      plain,
      timeoutSeconds: seconds(config.timeout),
    },
    ...(upload
      ? {
          upload: {
            url: upload.url,
            job: upload.job,
            schedule: upload.schedule,
            timeoutSeconds: upload.timeoutSeconds,
            afterFirstDump: upload.afterFirstDump,
          },
        }
      : {}),
  };
}

function renderPassfile({ primary, standby, role }: BackupAgentArgs): pulumi.Output<string> {
  const servers = [primary, ...(standby ? [standby] : [])];
  return pulumi
    .secret(role.password)
    .apply((password) =>
      servers
        .map(({ host, port }) => passfileLine([host, String(port), "*", role.name, password]))
        .join(""),
    );
}
