import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { labelsOf, limits } from "../kit/container";
import type { Engine } from "../kit/engine";
import { heartbeatFile, proxyFlags, renderOfeliaIni, type ScheduledJob } from "./files";

export interface SchedulerArgs {
  engine: Engine;
  /** What every name of this stack begins with: `<project>-<stack>`. */
  prefix: string;
  stack: string;
  /** The zone in which schedules are read. A change makes both containers anew. */
  timeZone: string;
  /** Of mcuadros/ofelia 0.3.21 and wollomatic/socket-proxy 1.13.1, or what stands in for them. */
  images: { ofelia: pulumi.Input<string>; proxy: pulumi.Input<string> };
  /** The container that the jobs run in; found by this name at each run, so it may be replaced. */
  agentContainer: string;
  /** A changed one makes the scheduler anew. */
  jobs: ScheduledJob[];
  /** What has to be there before the scheduler starts. */
  after: pulumi.Resource[];
}

/**
 * Ofelia, which starts the jobs on time, and a socket proxy between it and the engine, which lets
 * it run commands in the agent and nothing else. Both hold no data.
 */
export class Scheduler extends pulumi.ComponentResource {
  /** The name of Ofelia's container. */
  readonly containerName: string;
  /** What runs when schedules are in force. */
  readonly ready: pulumi.Resource;

  constructor(
    name: string,
    private readonly args: SchedulerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Scheduler", name, {}, opts);
    this.containerName = `${args.prefix}-scheduler`;
    // Only these two are in it, and it leads nowhere else.
    const network = new docker.Network(
      `${name}-network`,
      { name: this.containerName, internal: true, labels: this.labels("scheduler") },
      { parent: this, provider: args.engine.provider, deleteBeforeReplace: true },
    );
    const proxy = this.proxy(`${name}-proxy`, network);
    this.ready = this.ofelia(`${name}-container`, network, proxy);
    this.registerOutputs({ containerName: this.containerName });
  }

  private proxy(name: string, network: docker.Network): docker.Container {
    const { args } = this;
    return new docker.Container(
      name,
      {
        ...limits({ memory: 128, graceSeconds: 5 }),
        name: `${this.containerName}-proxy`,
        hostname: "scheduler-proxy",
        image: args.images.proxy,
        command: proxyFlags(args.agentContainer, this.containerName),
        // The socket's owner, who needs no capability to open it; its group has another number
        // on each machine.
        user: "0",
        readOnly: true,
        volumes: [{ hostPath: socket, containerPath: socket, readOnly: true }],
        labels: this.labels("scheduler-proxy"),
        networksAdvanced: [{ name: network.name, aliases: ["scheduler-proxy"] }],
        healthcheck: healthcheck(["CMD", "/healthcheck"]),
      },
      this.options([]),
    );
  }

  private ofelia(name: string, network: docker.Network, proxy: docker.Container): docker.Container {
    const { args } = this;
    return new docker.Container(
      name,
      {
        // Ofelia waits for a running job without end, and goes on starting others meanwhile. What
        // it has started goes on in the agent without it.
        // Memory: it keeps 20 MB for the output of each run.
        ...limits({ memory: 256, graceSeconds: 2 }),
        name: this.containerName,
        hostname: "scheduler",
        image: args.images.ofelia,
        user: nobody,
        envs: [`DOCKER_HOST=tcp://${this.containerName}-proxy:2375`, `TZ=${args.timeZone}`],
        // Docker takes no upload into a read-only root. This user can write nowhere but here.
        tmpfs: { "/tmp": scratch, "/var/tmp": scratch },
        uploads: [
          {
            file: "/etc/ofelia/config.ini",
            content: renderOfeliaIni(args.agentContainer, args.jobs),
            permissions: "0444",
          },
        ],
        labels: this.labels("scheduler"),
        networksAdvanced: [{ name: network.name, aliases: ["scheduler"] }],
        healthcheck: healthcheck(["CMD-SHELL", fresh]),
      },
      this.options([proxy, ...args.after]),
    );
  }

  private labels(role: string) {
    return labelsOf(role, this.args.stack);
  }

  private options(dependsOn: pulumi.Resource[]): pulumi.CustomResourceOptions {
    return {
      parent: this,
      provider: this.args.engine.provider,
      dependsOn,
      // Two schedulers would start everything twice.
      deleteBeforeReplace: true,
      replaceOnChanges: ["healthcheck", "tmpfs", "init"],
    };
  }
}

const socket = "/var/run/docker.sock";

const nobody = "65534:65534";

const scratch = "size=1m,mode=1777,noexec,nosuid,nodev";

/** It beats each minute; two missed beats are no accident. */
const fresh = `test $(($(date +%s) - $(stat -c %Y ${heartbeatFile}))) -lt 150`;

function healthcheck(tests: string[]) {
  return { tests, interval: "30s", timeout: "5s", startPeriod: "90s", retries: 3 };
}
