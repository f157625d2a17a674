import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { z } from "zod";
import { labelsOf, limits, readiness } from "../kit/container";
import { EmailAddress } from "../schema/emailAddress";
import type { Engine } from "../kit/engine";
import { healthcheck, uploads } from "./files";
import { Port } from "../schema/primitives";
import { publishedHost } from "../standby/standby";
import { strict } from "../schema/strict";

/** `laterbase:pgAdmin`. */
export const pgAdminSchema = strict({
  port: Port.meta({
    description: "The port of the web page.",
    change: "A change restarts pgAdmin.",
    example: 5050,
  }),
  email: EmailAddress.meta({
    description: "The e-mail address to log in with. Nothing is sent to it.",
    change: "A change restarts pgAdmin; what the login has saved stays.",
    example: "me@example.com",
  }),
});

/** A server in pgAdmin's tree; the stack output `pgAdmin.servers` is a list of these. */
export interface PgAdminServer {
  /** What the tree shows. Another name is another server there. */
  name: string;
  /** As pgAdmin's container reaches it. */
  host: string;
  port: number;
  username: string;
  /** The database that pgAdmin connects to first. */
  maintenanceDatabase: string;
}

export interface PgAdminArgs {
  engine: Engine;
  /** What every name of this stack begins with: `<project>-<stack>`. */
  prefix: string;
  stack: string;
  config: z.output<typeof pgAdminSchema>;
  bindAddress: string;
  timeZone: string;
  /** pgAdmin's image, or ours with the same pgAdmin in it. */
  image: pulumi.Input<string>;
  /** A changed list restarts pgAdmin, which follows it at its start. */
  servers: readonly PgAdminServer[];
  /** Of the servers' login. A changed one restarts pgAdmin. */
  password: pulumi.Input<string>;
  /** What has to be there before it starts. */
  after: pulumi.Resource[];
}

/**
 * pgAdmin with the stack's servers in it, which connect without a typed password. What people add
 * or save stays. Destroying it leaves its data volume and the password of its login.
 */
export class PgAdmin extends pulumi.ComponentResource {
  readonly containerName: string;
  /** What people open, and what they find there. */
  readonly access: {
    url: string;
    email: string;
    password: pulumi.Output<string>;
    servers: readonly PgAdminServer[];
  };
  /** Anything that needs the page depends on this. */
  readonly ready: pulumi.Resource;

  constructor(
    private readonly name: string,
    private readonly args: PgAdminArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:PgAdmin", name, {}, opts);
    const { config, engine, bindAddress, servers } = args;
    this.containerName = `${args.prefix}-pgadmin`;
    const drawn = new random.RandomPassword(
      `${name}-password`,
      { length: 32, special: false },
      // Passwords that people save in pgAdmin are encrypted with it.
      { parent: this, protect: true },
    );
    const password = pulumi.secret(drawn.result);
    const container = this.run(password);
    this.ready = readiness(`${name}-ready`, this.containerName, container, engine, this);
    const host = publishedHost(engine.host, bindAddress);
    this.access = {
      url: `http://${host.includes(":") ? `[${host}]` : host}:${config.port}`,
      email: config.email,
      password,
      servers,
    };
    this.registerOutputs({ url: this.access.url });
  }

  private run(password: pulumi.Output<string>): docker.Container {
    const { args, name, containerName } = this;
    const { engine, stack, config } = args;
    const labels = labelsOf("pgadmin", stack);
    const data = new docker.Volume(
      `${name}-data`,
      { name: `${containerName}-data`, labels },
      {
        parent: this,
        provider: engine.provider,
        protect: true,
        retainOnDelete: true,
        ignoreChanges: ["labels", "driver", "driverOpts"],
      },
    );
    return new docker.Container(
      `${name}-container`,
      {
        // A large result passes through it, and pg_dump and pg_restore run in here.
        ...limits({ memory: 1024, graceSeconds: 10 }),
        healthcheck,
        name: containerName,
        hostname: "pgadmin",
        image: args.image,
        entrypoints: ["/etc/laterbase/start"],
        init: true,
        envs: [`TZ=${args.timeZone}`],
        labels,
        networksAdvanced: [{ name: engine.network.name, aliases: ["pgadmin"] }],
        ports: [{ internal: 8080, external: config.port, ip: args.bindAddress }],
        volumes: [{ volumeName: data.name, containerPath: "/var/lib/pgadmin" }],
        uploads: uploads({
          prefix: args.prefix,
          email: config.email,
          password,
          servers: args.servers,
          serverPassword: args.password,
        }),
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: args.after,
        // Two of them would lock each other out of one database.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}
