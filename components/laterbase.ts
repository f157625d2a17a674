import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import { type Connections, connectionsOf } from "./connections";
import type { ImageSource } from "./container";
import { declareDumping, type Dumping, type Services } from "./dumping";
import { type Engine, makeEngine } from "./engine";
import { dumpRoleSince } from "../scripts/primary";
import { PreparedPrimary } from "./preparedPrimary";
import { Primary } from "./primary";
import { publishedHost, slotName, Standby } from "./standby";

export interface LaterbaseArgs {
  project: string;
  stack: string;
  config: Config;
  /** What the image of the primary's major is built from. */
  image: ImageSource;
  /** What else runs, where dumps are configured. */
  services?: Services;
  /** The project's folder, absolute: what relative paths of the local engine's machine begin at. */
  folder: string;
  /** The content of the managed primary's `initScripts`, in order. */
  initScripts: readonly { name: string; content: string }[];
  /** What was changed on the primary behind our back, by step. */
  drift: Readonly<Record<string, string>>;
}

/** A primary as standbys and operators see it, whoever runs it. */
interface Server {
  /** As a standby on the primary's own engine, and as one elsewhere, reaches it. */
  near: { host: string; port: number };
  far: { host: string; port: number };
  superuser: { name: string; password: pulumi.Input<string> };
  ready: pulumi.Resource[];
}

/** A stack: the primary, what standbys need on it, and the standbys. */
export class Laterbase extends pulumi.ComponentResource {
  readonly primary: { host: string; port: number; version: number; databases: string[] | "*" };
  readonly standbys: Record<string, Standby["address"]>;
  /** Connection URIs by database; secret, they hold the superuser's password. */
  readonly connections: pulumi.Output<Record<string, Connections>>;
  /** Who dumps, where the dumps are and how long; empty where none are configured. */
  readonly backups: { dumps?: Dumping["dumps"] };
  readonly duplicati?: Dumping["duplicati"];

  private readonly prefix: string;
  private readonly engines = new Map<string | undefined, Engine>();

  constructor(
    name: string,
    private readonly args: LaterbaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Laterbase", name, {}, opts);
    this.prefix = `${args.project}-${args.stack}`;
    const { config } = args;
    const server = this.server();
    const prepared = this.prepare(server);
    const standbys = config.standbys.map((standby) => this.standby(standby, server, prepared));

    this.primary = {
      ...server.far,
      version: config.primary.version,
      databases: config.primary.databases,
    };
    this.standbys = Object.fromEntries(
      config.standbys.map(({ name: standby }, i) => [standby, standbys[i]!.address]),
    );
    this.connections = connectionsOf(this.primary, server.superuser, standbys[0]!.address);
    const { dumps, duplicati } = this.dumping(server, prepared);
    this.backups = dumps ? { dumps } : {};
    if (duplicati) this.duplicati = duplicati;
    this.registerOutputs({ primary: this.primary, standbys: this.standbys });
  }

  /** One of each engine that the stack names, made when it is first asked for. */
  private engine(host: string | undefined): Engine {
    const { stack, image } = this.args;
    const known = this.engines.get(host);
    if (known) return known;
    const name = host === undefined ? "local" : host.replace(/[^A-Za-z0-9]+/g, "-");
    const made = makeEngine(
      name,
      { ...(host ? { host } : {}), prefix: this.prefix, stack, image },
      this,
    );
    this.engines.set(host, made);
    return made;
  }

  private server(): Server {
    const { config, stack, initScripts } = this.args;
    if (config.primary.kind === "external") {
      const { host, port, superuser } = config.primary;
      const address = { host, port };
      const password = superuser.password ?? "";
      return { near: address, far: address, superuser: { ...superuser, password }, ready: [] };
    }
    const primary = new Primary(
      "primary",
      {
        engine: this.engine(config.dockerHost),
        prefix: this.prefix,
        stack,
        config: config.primary,
        bindAddress: config.bindAddress,
        timeZone: config.timeZone,
        initScripts,
      },
      { parent: this },
    );
    return {
      near: { host: primary.host, port: 5432 },
      far: {
        host: publishedHost(config.dockerHost, config.bindAddress),
        port: config.primary.port,
      },
      superuser: { name: "postgres", password: primary.password },
      ready: [primary.ready],
    };
  }

  private prepare(server: Server): PreparedPrimary {
    const { config, project, stack, drift } = this.args;
    const { primary } = config;
    const managed = primary.kind === "managed";
    const standbys = config.standbys.map((standby) => ({
      name: standby.name,
      engine: this.engine(standby.dockerHost ?? config.dockerHost),
      address: this.addressFor(standby.dockerHost, server),
    }));
    return new PreparedPrimary(
      "preparation",
      {
        owner: `${project}/${stack}`,
        stack,
        version: primary.version,
        superuser: server.superuser,
        access: managed ? { kind: "sql" } : primary.access,
        // The stack's own network, where containers' addresses are not known beforehand.
        allowFrom: managed ? ["samenet", ...primary.allowFrom] : primary.allowFrom,
        slotRetention: primary.slotRetention,
        standbys,
        drift,
        dataIsKept: managed,
        dumps: config.dumps !== undefined && primary.version >= dumpRoleSince,
        after: server.ready,
      },
      { parent: this },
    );
  }

  private standby(
    standby: Config["standbys"][number],
    server: Server,
    prepared: PreparedPrimary,
  ): Standby {
    const { config, stack } = this.args;
    const { primary } = config;
    return new Standby(
      standby.name,
      {
        engine: this.engine(standby.dockerHost ?? config.dockerHost),
        prefix: this.prefix,
        stack,
        config: standby,
        bindAddress: standby.bindAddress ?? config.bindAddress,
        timeZone: config.timeZone,
        primary: {
          ...this.addressFor(standby.dockerHost, server),
          superuser: server.superuser.name,
          clientAuth: primary.kind === "managed" || primary.version > 13 ? "scram-sha-256" : "md5",
          tablespaces: primary.kind === "managed" ? {} : primary.tablespaces,
        },
        replication: {
          user: prepared.user,
          password: prepared.password,
          slot: slotName(standby.name),
        },
        after: [prepared],
      },
      { parent: this },
    );
  }

  private dumping(server: Server, prepared: PreparedPrimary): Partial<Dumping> {
    const { config, stack, services, folder } = this.args;
    const { dumps, dockerHost } = config;
    if (!dumps) return {};
    if (!services) throw new Error("`services` must name the images of what dumps");
    const near = config.standbys.find(
      (standby) => (standby.dockerHost ?? dockerHost) === dockerHost,
    );
    const { superuser } = server;
    return declareDumping(
      {
        config: { ...config, dumps },
        services,
        engine: this.engine(dockerHost),
        prefix: this.prefix,
        stack,
        folder,
        primary: server.near,
        ...(near ? { standby: { host: `${this.prefix}-${near.name}`, port: 5432 } } : {}),
        role: prepared.dumpRole
          ? { ...prepared.dumpRole, superuser: false }
          : { ...superuser, superuser: true },
        after: [prepared],
      },
      this,
    );
  }

  private addressFor(dockerHost: string | undefined, { near, far }: Server) {
    const elsewhere = dockerHost !== undefined && dockerHost !== this.args.config.dockerHost;
    return elsewhere ? far : near;
  }
}
