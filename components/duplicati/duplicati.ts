import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import type { JobSpec } from "../../contract/agentRequests";
import type { Backups } from "../backupAgent/backupAgent";
import { labelsOf, limits } from "../kit/container";
import { Schedule } from "../schema/schedule";
import { environment, healthcheck, uploads } from "./files";
import { Target } from "./target";
import type { Engine } from "../kit/engine";
import { Port, SecretText } from "../schema/primitives";
import { publishedHost } from "../standby/standby";
import { strict } from "../schema/strict";

const span = "(?:[1-9][0-9]{0,4}[smhDWMY])+";

/** `timeframe:interval,…` as Duplicati reads it: seconds, minutes, hours, Days, Weeks, Months, Years. */
export const Retention = z
  .string({ error: "must be a retention policy, such as 1W:1D,4W:1W,12M:1M" })
  .regex(
    new RegExp(`^(?:U|${span}):(?:U|${span})(?:,(?:U|${span}):(?:U|${span}))*$`),
    "must be a list of timeframe:interval in s, m, h, D, W, M or Y, such as 1W:1D,4W:1W,12M:1M",
  )
  .meta({ values: "list of timeframe:interval in s, m, h, D, W, M or Y" });

/** `laterbase:duplicati`. */
export const duplicatiSchema = strict({
  port: Port.meta({
    description: "The port of the web page.",
    change: "A change restarts Duplicati.",
    example: 8200,
  }),
  target: Target.meta({
    description:
      "Where the archives go, as Duplicati writes it: `s3://…`, `b2://…`, `ssh://…` and so on, with options and keys in the URL. S3 uses TLS only with `use-ssl=true`. `file:///archive` is a volume on the same engine: good for a trial, but not off site.",
    change: "A change starts a new history there and leaves the old archives.",
  }),
  passphrase: SecretText.optional().meta({
    description: "The archives are encrypted with it. Nobody can read them without it.",
    change: "Duplicati refuses a change while the target holds archives: change the target too.",
    unset: "generated, kept with the data, shown by `npm run laterbase -- credentials`",
  }),
  schedule: Schedule.default("0 3 * * *").meta({
    description: "When to upload, in `timeZone`.",
    change: "A change restarts the agent and the scheduler.",
    example: "0 3 * * *",
  }),
  retention: Retention.default("1W:1D,4W:1W,12M:1M").meta({
    description:
      "Which archives stay. The default keeps one a day for a week, one a week for four weeks and one a month for a year. `U` means without limit.",
    change: "The next upload applies a change.",
    example: "1W:1D,4W:1W,12M:1M",
  }),
});

export interface DuplicatiArgs {
  engine: Engine;
  /** What every name of this stack begins with: `<project>-<stack>`. */
  prefix: string;
  stack: string;
  config: z.output<typeof duplicatiSchema>;
  bindAddress: string;
  timeZone: string;
  /** Duplicati's image, or whatever has its paths and its interface. */
  image: pulumi.Input<string>;
  /** Where the dumps are; Duplicati may only read them. */
  backups: Backups;
  /** What has to be there before it starts. */
  after: pulumi.Resource[];
}

/** The upload's name in Duplicati: by it the job is found again. */
export const jobName = (stack: string): string => `laterbase ${stack}`;

/**
 * Duplicati: it encrypts the finished dumps and uploads them. The job in it is made by `makeJob`,
 * and started by the agent, for Duplicati knows no cron. Destroying it leaves its data, the
 * archives of a `file://` target, and the secrets without which neither can be read.
 */
export class Duplicati extends pulumi.ComponentResource {
  readonly containerName: string;
  /** Its address in the stack's network. */
  readonly url: string;
  readonly password: pulumi.Output<string>;
  readonly passphrase: pulumi.Output<string>;
  /** What people open. */
  readonly access: { url: string; password: pulumi.Output<string> };
  private readonly container: docker.Container;

  constructor(
    private readonly name: string,
    private readonly args: DuplicatiArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Duplicati", name, {}, opts);
    const { config, engine, bindAddress } = args;
    this.containerName = `${args.prefix}-duplicati`;
    this.url = `http://${this.containerName}:8200`;
    const host = publishedHost(engine.host, bindAddress);
    this.password = this.secret("password", false);
    const settingsKey = this.secret("settings-key", true);
    // Made even where another is configured, so that a later change need not delete what is protected.
    const generated = this.secret("passphrase", true);
    this.passphrase = config.passphrase ?? generated;
    this.container = this.run(host, settingsKey);
    this.access = {
      url: `http://${host.includes(":") ? `[${host}]` : host}:${config.port}`,
      password: this.password,
    };
    this.registerOutputs({ url: this.access.url });
  }

  /**
   * The job in Duplicati, made once and changed in place, through the agent: only that is in
   * Duplicati's network. Target and passphrase go by standard input all the way.
   */
  makeJob(agent: { containerName: string; after: pulumi.Resource[] }): command.local.Command {
    const { stack, engine, config } = this.args;
    const spec = pulumi.all([config.target.url, this.passphrase]).apply(([target, passphrase]) => {
      const job: JobSpec = {
        name: jobName(stack),
        target,
        passphrase,
        retention: config.retention,
      };
      return JSON.stringify(job);
    });
    const run = `node --import tsx scripts/steps/duplicatiJob.ts ${agent.containerName}`;
    return new command.local.Command(
      `${this.name}-job`,
      {
        create: run,
        update: run,
        stdin: pulumi.secret(spec),
        environment: { LATERBASE_ENGINE: engine.host ?? "" },
        triggers: [this.container.id],
        addPreviousOutputInEnv: false,
      },
      { parent: this, deleteBeforeReplace: true, dependsOn: [this.container, ...agent.after] },
    );
  }

  private secret(what: string, protect: boolean): pulumi.Output<string> {
    const drawn = new random.RandomPassword(
      `${this.name}-${what}`,
      { length: 32, special: false },
      { parent: this, protect },
    );
    return pulumi.secret(drawn.result);
  }

  private volume(what: string): docker.Volume {
    const { prefix, stack, engine } = this.args;
    return new docker.Volume(
      `${this.name}-${what}`,
      { name: `${prefix}-duplicati-${what}`, labels: labelsOf("duplicati", stack) },
      {
        parent: this,
        provider: engine.provider,
        protect: true,
        retainOnDelete: true,
        ignoreChanges: ["labels", "driver", "driverOpts"],
      },
    );
  }

  private run(host: string, settingsKey: pulumi.Output<string>): docker.Container {
    const { engine, stack, config, bindAddress, backups } = this.args;
    const { folder } = config.target;
    const data = this.volume("data");
    // Made for any target, so that a change to another one need not delete what is protected.
    const archive = this.volume("archive");
    return new docker.Container(
      `${this.name}-container`,
      {
        // A server that is killed in the middle of an upload may need hours to make its lists anew.
        ...limits({ memory: 1024, graceSeconds: 120 }),
        healthcheck,
        // Root, as the image runs it: it owns its data and may read the dumps, another user's with the
        // mode 0640, and write nothing that is not its own. In the engine's spelling, or an engine
        // that normalises it shows a change for ever.
        capabilities: { drops: ["ALL"], adds: ["CAP_DAC_READ_SEARCH"] },
        name: this.containerName,
        // It is recorded with every archive.
        hostname: "duplicati",
        image: this.args.image,
        entrypoints: ["/etc/laterbase/start"],
        command: ["duplicati-server"],
        init: true,
        envs: environment(this.args.timeZone, [this.containerName, "duplicati", host]),
        labels: labelsOf("duplicati", stack),
        networksAdvanced: [{ name: engine.network.name, aliases: ["duplicati"] }],
        ports: [{ internal: 8200, external: config.port, ip: bindAddress }],
        volumes: [
          { volumeName: data.name, containerPath: "/data" },
          { ...backups, containerPath: "/backups", readOnly: true },
          ...(folder ? [{ volumeName: archive.name, containerPath: folder }] : []),
        ],
        uploads: uploads(settingsKey, this.password),
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: this.args.after,
        // Two servers on one database would destroy it.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}
