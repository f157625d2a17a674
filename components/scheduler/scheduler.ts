import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerName, schedulerNetwork } from "../../contract/names";
import { proxyPort } from "../../contract/socketProxy";
import { hardened, identity, labelsOf } from "../kit/container";
import type { StackContext } from "../kit/context";
import type { ScheduledJob } from "../kit/job";
import { ownContainer } from "../kit/ownContainer";
import { heartbeatFile, proxyRules, renderOfeliaIni } from "./files";

export interface SchedulerArgs {
  /** The stack, with the engine that runs the jobs. Another time zone replaces both containers. */
  stack: StackContext;
  /** The images. A change replaces the container of that image. */
  images: SchedulerImages;
  /** What it starts. A change replaces Ofelia's container, and another command or container the proxy's too. */
  jobs: readonly ScheduledJob[];
}

/** The scheduler's images. */
export interface SchedulerImages {
  /** mcuadros/ofelia 0.3.21, or our stand-in for it. */
  ofelia: pulumi.Input<string>;
  /** Our socket proxy. */
  proxy: pulumi.Input<string>;
}

const role = "scheduler";
const proxyRole = "scheduler-proxy";

/**
 * Ofelia, which starts the jobs on time, and a socket proxy between it and the engine. The proxy lets
 * it start the jobs' own commands and nothing else. Both hold no data. Destroy leaves nothing.
 */
export class Scheduler extends pulumi.ComponentResource {
  /** The name of Ofelia's container. */
  readonly containerName: string;
  /** The name of the proxy's container. */
  private readonly proxyName: string;

  constructor(
    private readonly name: string,
    private readonly args: SchedulerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Scheduler", name, {}, opts);
    const { prefix, stack, engine } = args.stack;
    this.containerName = containerName(prefix, role);
    this.proxyName = containerName(prefix, proxyRole);
    // Only these two are in it, and it leads nowhere else.
    const network = new docker.Network(
      `${name}-network`,
      { name: schedulerNetwork(prefix), internal: true, labels: labelsOf(role, stack) },
      { parent: this, provider: engine.provider, deleteBeforeReplace: true },
    );
    this.ofelia(network, this.proxy(network));
    this.registerOutputs({ containerName: this.containerName });
  }

  private proxy(network: docker.Network): docker.Container {
    const { images, jobs, stack } = this.args;
    return ownContainer(
      stack.engine,
      `${this.name}-proxy`,
      {
        ...hardened({ memory: 128, graceSeconds: 5, processes: 64 }),
        ...identity(stack, proxyRole, network),
        image: images.proxy,
        // The rules are no secret. Docker uploads nothing into a read-only root.
        command: [JSON.stringify(proxyRules(jobs, this.containerName))],
        // The socket's owner needs no capability to open it. Its group differs between machines.
        user: "0",
        readOnly: true,
        volumes: [{ hostPath: socket, containerPath: socket, readOnly: true }],
        healthcheck: healthcheck(["CMD", "/healthcheck"]),
      },
      this.options([]),
    );
  }

  private ofelia(network: docker.Network, proxy: docker.Container): docker.Container {
    const { images, jobs, stack } = this.args;
    const after = new Set(jobs.flatMap((job) => job.after));
    return ownContainer(
      stack.engine,
      `${this.name}-container`,
      {
        // Ofelia waits for a running job without end and starts others meanwhile, so the grace is
        // short: a job that it started goes on without it. It keeps 20 MB of the output of each run.
        ...hardened({ memory: 256, graceSeconds: 2, processes: 128 }),
        ...identity(stack, role, network),
        image: images.ofelia,
        user: nobody,
        envs: [`DOCKER_HOST=tcp://${this.proxyName}:${proxyPort}`, `TZ=${stack.timeZone}`],
        // Docker uploads nothing into a read-only root. This user can write here only.
        tmpfs: { "/tmp": scratch, "/var/tmp": scratch },
        uploads: [
          {
            file: "/etc/ofelia/config.ini",
            content: renderOfeliaIni(jobs),
            permissions: "0444",
          },
        ],
        healthcheck: healthcheck(["CMD-SHELL", fresh]),
      },
      this.options([proxy, ...after]),
    );
  }

  private options(dependsOn: pulumi.Resource[]): pulumi.CustomResourceOptions {
    return {
      parent: this,
      provider: this.args.stack.engine.provider,
      dependsOn,
      // Two schedulers would start every job twice.
      deleteBeforeReplace: true,
      replaceOnChanges: ["healthcheck", "tmpfs", "init"],
    };
  }
}

const socket = "/var/run/docker.sock";

const nobody = "65534:65534";

const scratch = "size=1m,mode=1777,noexec,nosuid,nodev";

/** The heartbeat comes each minute. Two that are missing are no accident. */
const fresh = `test $(($(date +%s) - $(stat -c %Y ${heartbeatFile}))) -lt 150`;

function healthcheck(tests: string[]) {
  return { tests, interval: "30s", timeout: "5s", startPeriod: "90s", retries: 3 };
}
