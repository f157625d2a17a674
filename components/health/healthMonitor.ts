import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { healthPorts, historyFolder } from "../../contract/health/config";
import { containerName, serviceVolumes } from "../../contract/names";
import type { HealthOutput } from "../../contract/stackOutputs";
import { pageUrl, publishedHost } from "../kit/address";
import { hardened, identity, uid } from "../kit/container";
import type { StackContext } from "../kit/context";
import { ownContainer } from "../kit/ownContainer";
import { readiness } from "../kit/readiness";
import { keptVolume } from "../kit/volume";
import { type Contents, uploads } from "./files";

export interface HealthMonitorArgs {
  /** The stack, with the engine that runs the monitor. */
  stack: StackContext;
  /** The published port. A change restarts the monitor. */
  port: number;
  /** The agent's image of the servers' major. A change restarts the monitor. */
  image: pulumi.Input<string>;
  /** What it knows. A change restarts the monitor; its history stays. */
  contents: Contents;
  /** What has to be there before it starts: its role on the primary. */
  after: pulumi.Resource[];
}

const role = "health";

/**
 * The monitor: it looks at every part of the stack all the time, and answers whether the data are safe. It needs a
 * role on the primary, has no access to the engine and mounts no data. Destroy leaves its history.
 */
export class HealthMonitor extends pulumi.ComponentResource {
  /** What people open. */
  readonly access: HealthOutput;

  constructor(
    private readonly name: string,
    private readonly args: HealthMonitorArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:HealthMonitor", name, {}, opts);
    const { stack, port, contents } = args;
    const { engine, bindAddress, prefix } = stack;
    const ownName = containerName(prefix, role);
    const container = this.run();
    readiness(`${name}-ready`, { containerName: ownName, container, engine }, this);
    this.access = {
      url: pageUrl({ host: publishedHost(engine.host, bindAddress), port }),
      container: ownName,
      dockerHost: engine.host ?? null,
      thresholds: contents.config.thresholds,
    };
    this.registerOutputs({ url: this.access.url });
  }

  private run(): docker.Container {
    const { stack, port, image, contents, after } = this.args;
    const { engine } = stack;
    const volume = serviceVolumes(stack.prefix).healthHistory;
    const history = keptVolume(`${this.name}-history`, { volume, role, stack }, this);
    return ownContainer(
      engine,
      `${this.name}-container`,
      {
        ...hardened({ memory: 192, graceSeconds: 10, processes: 64 }),
        ...identity(stack, role),
        image,
        command: ["monitor"],
        init: true,
        user: uid,
        envs: [`TZ=${stack.timeZone}`],
        // The other port is for reports of the servers, in the stack's network only.
        ports: [{ internal: healthPorts.page, external: port, ip: stack.bindAddress }],
        volumes: [{ volumeName: history.name, containerPath: historyFolder }],
        uploads: uploads(contents),
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: after,
        // Its name and its port are fixed, and two of them would write one history.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}
