import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { agentPaths } from "../../contract/agentPaths";
import { overviewPort } from "../../contract/health/config";
import { containerName, serviceVolumes } from "../../contract/names";
import { hardened, identity, uid, uploadsOf } from "../kit/container";
import type { StackContext } from "../kit/context";
import { engineImage, type OwnImage } from "../kit/image";
import type { ScheduledJob } from "../kit/job";
import { generatedPassword, type PasswordArgs } from "../kit/password";
import { ownContainer } from "../kit/ownContainer";
import { readiness } from "../kit/readiness";
import { type ContainerVolume, keptVolume } from "../kit/volume";
import type { Backups } from "./backups";
import { type AgentFilesArgs, agentUploads } from "./files";
import { jobsOf } from "./jobs";

export interface BackupAgentArgs extends Omit<
  AgentFilesArgs,
  "stack" | "timeZone" | "manifestKey" | "overview"
> {
  /** The stack, with the engine that runs the agent. */
  stack: StackContext;
  /** The agent's image of the servers' major. A change replaces the container. */
  image: OwnImage;
  /** Where dumps go. A change leaves the old ones where they are. Absent without dumps. */
  place?: Backups | undefined;
  /** What backups read and write. A change replaces the container. Default: nothing. */
  mounts?: ContainerVolume[];
  /** How the token is drawn by which the monitor asks. Default: there is no monitor, and nothing listens. */
  monitored?: PasswordArgs | undefined;
  /** What has to be there before it starts. */
  after: pulumi.Resource[];
}

/** What the monitor needs of the agent. */
export type MonitoredAgent = Pick<BackupAgent, "containerName" | "image" | "overview">;

const role = "agent";

/**
 * The agent: it dumps each database and backs up the server on schedule, checks what it wrote, and records
 * every job. Destroy leaves the dumps, the backups and the records.
 */
export class BackupAgent extends pulumi.ComponentResource {
  /** The container's name. */
  readonly containerName: string;
  /** Its image. */
  readonly image: pulumi.Output<string>;
  /** Where the monitor asks, and by what. Absent where there is no monitor. */
  readonly overview?: { port: number; token: pulumi.Output<string> };
  /** What the scheduler starts: the dump, the jobs of the backups, and the sign for the monitor. */
  readonly jobs: ScheduledJob[];
  /** What asks the agent depends on this. */
  readonly ready: pulumi.Resource;

  constructor(
    private readonly name: string,
    private readonly args: BackupAgentArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:BackupAgent", name, {}, opts);
    const { stack } = args;
    const { engine } = stack;
    this.containerName = containerName(stack.prefix, role);
    const { image, dependsOn } = { image: args.image, dependsOn: [engine.image] };
    const own = engineImage(`${name}-image`, image, engine.provider, { parent: this, dependsOn });
    this.image = own.name;
    if (args.monitored) {
      const token = generatedPassword(`${name}-overview-token`, args.monitored, { parent: this });
      this.overview = { port: overviewPort, token };
    }
    const container = this.run();
    const waiting = { containerName: this.containerName, container, engine };
    this.ready = readiness(`${name}-ready`, waiting, this);
    const job = { container: this.containerName, after: [this.ready] };
    this.jobs = jobsOf(args).map((one) => ({ ...one, ...job }));
    this.registerOutputs({ containerName: this.containerName });
  }

  private run(): docker.Container {
    const { stack, dumps, place, mounts = [], after } = this.args;
    const { engine } = stack;
    const path = dumps?.config.path;
    const volume = serviceVolumes(stack.prefix).agentRecords;
    // It lives as long as the dumps, which it tells from those of others.
    const kept = { parent: this, protect: true };
    const manifestKey = generatedPassword(`${this.name}-manifest-key`, {}, kept);
    const records = keptVolume(`${this.name}-records`, { volume, role, stack }, this);
    return ownContainer(
      engine,
      `${this.name}-container`,
      {
        ...hardened({ memory: 1024, graceSeconds: 60, processes: 512 }),
        cpuShares,
        ...identity(stack, role),
        image: this.image,
        command: ["serve"],
        init: true,
        user: path ? "0" : uid,
        // A folder belongs to a user of the host: the entry point takes it over and drops these.
        capabilities: { drops: ["ALL"], adds: path ? takeover : [] },
        envs: [`TZ=${stack.timeZone}`],
        volumes: [
          ...(place ? [{ ...place, containerPath: agentPaths.backups }] : []),
          { volumeName: records.name, containerPath: agentPaths.records },
          ...mounts,
        ],
        uploads: uploadsOf(
          agentUploads({
            ...{ ...this.args, manifestKey, overview: this.overview },
            ...{ stack: stack.stack, timeZone: stack.timeZone },
          }),
        ),
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: after,
        // Two agents on one folder would each take the other's work for what a crash left.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}

/** An eighth of the usual weight: where cores are scarce, a dump waits and the primary's clients do not. */
export const cpuShares = 128;

const takeover = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"].map(
  (name) => `CAP_${name}`,
);
