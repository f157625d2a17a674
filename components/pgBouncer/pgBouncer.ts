import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import { type ImageSource, labelsOf, limits } from "../kit/container";
import { type Engine, engineImage } from "../kit/engine";
import { type Address, renderEntries, renderIni, renderUserlist } from "./files";
import { consoleUsers, type PoolMode, poolSizes } from "./sizes";
import { Port } from "../schema/primitives";
import { publishedHost } from "../standby/standby";
import { strict } from "../schema/strict";

const Mode = z.literal(["transaction", "session"], {
  error:
    'must be "transaction" (a server connection is handed on after each transaction) or ' +
    '"session" (when its client leaves)',
});

const connections = (example: number, most: number) => {
  const error = `must be a whole number from 1 to ${most}, such as ${example}`;
  return z.int({ error }).min(1, error).max(most, error);
};

/** `laterbase:pooler`. */
export const poolerSchema = strict({
  port: Port.meta({
    description: "The port to publish.",
    change: "A change restarts the pooler and disconnects its clients.",
    example: 6432,
  }),
  mode: Mode.default("transaction").meta({
    description:
      "When the next client gets a server connection: after each transaction, or when the client disconnects (`session`).",
    change: "A reload applies a change.",
    example: "transaction",
  }),
  maxClients: connections(1000, 10000).default(1000).meta({
    description:
      "How many clients may be connected (`max_client_conn`). Five more may use the console. The next one is refused.",
    change: "A reload applies a change.",
    example: 1000,
  }),
  poolSize: connections(25, 10000).optional().meta({
    description:
      "Server connections of each pool, shared by all roles. Each database has one pool on the primary and one on the standby.",
    change: "A reload applies a change.",
    unset: "25, or fewer where `maxServerConnections` leaves less room",
    example: 25,
  }),
  maxServerConnections: connections(100, 10000).default(100).meta({
    description:
      "The most server connections of all pools together. One of them looks up the passwords of roles.",
    change:
      "A reload applies a change. Where a managed primary's default of 100 connections is too small for it, the primary restarts.",
    example: 100,
  }),
  databases: z
    .record(
      z.string(),
      strict({
        mode: Mode.optional().meta({
          description: "The mode of this database's pools.",
          change: "A reload applies a change.",
          unset: "`pooler.mode`",
          example: "session",
        }),
        poolSize: connections(10, 10000).optional().meta({
          description: "Server connections of each of its two pools.",
          change: "A reload applies a change.",
          unset: "`pooler.poolSize`",
          example: 10,
        }),
      }),
      { error: "must be an object such as { jobs: { mode: session, poolSize: 10 } }" },
    )
    .default({})
    .meta({
      description: "Settings for single databases, by name.",
      change: "A reload applies a change.",
      example: { mfi_banking: { mode: "session", poolSize: 10 } },
    }),
});

export type Pooler = z.output<typeof poolerSchema>;

export interface PgBouncerArgs {
  engine: Engine;
  /** What every name of this stack begins with: `<project>-<stack>`. */
  prefix: string;
  stack: string;
  config: Pooler;
  databases: readonly string[];
  bindAddress: string;
  timeZone: string;
  image: ImageSource;
  /** The servers as the pooler's engine reaches them. */
  primary: Address;
  standby: Address;
  superuser: { name: string; password: pulumi.Input<string> };
  /** What has to be there before the container starts. */
  after: pulumi.Resource[];
}

/**
 * PgBouncer: many clients on few server connections, `<database>` on the primary and `<database>_ro`
 * on the standby. Roles log in with their own passwords, which it looks up on the primary. Its
 * configuration arrives by `configure` and never restarts it. Destroying it leaves nothing.
 */
export class PgBouncer extends pulumi.ComponentResource {
  readonly containerName: string;
  /** Where clients reach it. */
  readonly address: { host: string; port: number; mode: PoolMode };
  /** The console's users: all commands, and SHOW only. */
  readonly admin: { name: string; password: pulumi.Output<string> };
  readonly stats: { name: string; password: pulumi.Output<string> };
  /** userlist.txt; secret. */
  readonly userlist: pulumi.Output<string>;
  readonly container: docker.Container;

  constructor(
    private readonly name: string,
    private readonly args: PgBouncerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:PgBouncer", name, {}, opts);
    const { config, engine, bindAddress, superuser } = args;
    this.containerName = `${args.prefix}-pooler`;
    this.address = {
      host: publishedHost(engine.host, bindAddress),
      port: config.port,
      mode: config.mode,
    };
    this.admin = { name: consoleUsers.admin, password: this.secret("admin") };
    this.stats = { name: consoleUsers.stats, password: this.secret("stats") };
    this.userlist = pulumi.secret(
      pulumi
        .all([superuser.password, this.admin.password, this.stats.password])
        .apply(([password, admin, stats]) =>
          renderUserlist([
            { name: superuser.name, password },
            { name: consoleUsers.admin, password: admin },
            { name: consoleUsers.stats, password: stats },
          ]),
        ),
    );
    this.container = this.run();
    this.registerOutputs({ address: this.address });
  }

  /** Brings the configuration into force: at once where it runs, by RELOAD, without cutting anybody. */
  configure(after: pulumi.Resource[]): command.local.Command {
    const { config, databases, primary, standby, superuser, engine } = this.args;
    const pools = poolSizes(config, databases);
    const files = {
      pools,
      maxClients: config.maxClients,
      primary,
      standby,
      superuser: superuser.name,
    };
    const stdin = this.userlist.apply((userlist) =>
      JSON.stringify({
        "pgbouncer.ini": renderIni(files),
        "userlist.txt": userlist,
        entries: renderEntries(files),
      }),
    );
    const run = `node --import tsx scripts/steps/poolerConfiguration.ts ${this.containerName}`;
    return new command.local.Command(
      `${this.name}-configuration`,
      {
        create: run,
        update: run,
        stdin: pulumi.secret(stdin),
        environment: { LATERBASE_ENGINE: engine.host ?? "" },
        triggers: [this.container.id],
        addPreviousOutputInEnv: false,
      },
      { parent: this, deleteBeforeReplace: true, dependsOn: [this.container, ...after] },
    );
  }

  private secret(what: string): pulumi.Output<string> {
    const drawn = new random.RandomPassword(
      `${this.name}-${what}`,
      { length: 32, special: false },
      { parent: this },
    );
    return pulumi.secret(drawn.result);
  }

  private run(): docker.Container {
    const { engine, stack, config, bindAddress, timeZone } = this.args;
    const image = engineImage(`${this.name}-image`, this.args.image, engine, { parent: this });
    return new docker.Container(
      `${this.name}-container`,
      {
        // Transactions under way may end.
        ...limits({ memory: 512, graceSeconds: 15 }),
        name: this.containerName,
        hostname: "pooler",
        image: image.name,
        command: ["pooler"],
        envs: [`TZ=${timeZone}`],
        labels: labelsOf("pooler", stack),
        networksAdvanced: [{ name: engine.network.name, aliases: ["pooler"] }],
        ports: [{ internal: 6432, external: config.port, ip: bindAddress }],
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: this.args.after,
        // Its name and its port are fixed.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}
