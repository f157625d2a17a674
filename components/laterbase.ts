import * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import {
  declarePgAdmin,
  declarePooler,
  type PoolerOutput,
  poolerOutput,
  standbyAddress,
} from "./connecting";
import { type Connections, connectionsOf } from "./connections";
import type { ImageSource } from "./kit/container";
import { declareDumping, type Dumping, type Services } from "./backupAgent/dumping";
import { type Engine, enginesOf } from "./kit/engine";
import type { PgAdmin } from "./pgAdmin/pgAdmin";
import { managedMaxConnections } from "./pgBouncer/sizes";
import { PreparedPrimary } from "./preparedPrimary/preparedPrimary";
import { Primary } from "./primary/primary";
import { primaryNeeds } from "./preparedPrimary/needs";
import { slotName } from "../contract/names";
import { publishedHost, Standby } from "./standby/standby";

export interface LaterbaseArgs {
  project: string;
  stack: string;
  config: Config;
  /** What the image of the primary's major is built from. */
  image: ImageSource;
  /** What else runs, where dumps are configured. */
  services?: Services;
  /** The pooler's and pgAdmin's, where they are configured. */
  poolerImage?: ImageSource;
  pgAdminImage?: ImageSource | { pulled: string };
  /** The project's folder, absolute: what relative paths of the local engine's machine begin at. */
  folder: string;
  /** The content of the managed primary's `initScripts`, in order. */
  initScripts: readonly { name: string; content: string }[];
  /** What was changed on the primary behind our back, by step. */
  drift: Readonly<Record<string, string>>;
}

type Address = { host: string; port: number };

/** A primary as standbys and operators see it, whoever runs it. */
interface Server {
  /** As a standby on the primary's own engine, and as one elsewhere, reaches it. */
  near: Address;
  far: Address;
  superuser: { name: string; password: pulumi.Input<string> };
  /** Where Laterbase runs it. */
  managed?: Primary;
}

/** A stack: the primary, what standbys need on it, the standbys, and what works for and with them. */
export class Laterbase extends pulumi.ComponentResource {
  readonly primary: Address & {
    version: number;
    databases: string[] | "*";
    /** Where Laterbase runs it: its container, and the engine of that when it is not the local one. */
    container?: string;
    dockerHost?: string | null;
  };
  readonly standbys: Record<string, Standby["address"]>;
  /** Connection URIs by database; secret, they hold the superuser's password. */
  readonly connections: pulumi.Output<Record<string, Connections>>;
  /** Who dumps, where the dumps are and how long; empty where none are configured. */
  readonly backups: { dumps?: Dumping["dumps"] };
  readonly duplicati?: Dumping["duplicati"];
  readonly pooler?: PoolerOutput;
  readonly pgAdmin?: PgAdmin["access"];

  private readonly prefix: string;
  private readonly engine: (host: string | undefined) => Engine;

  constructor(
    name: string,
    private readonly args: LaterbaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Laterbase", name, {}, opts);
    this.prefix = `${args.project}-${args.stack}`;
    const { config, stack, image } = args;
    this.engine = enginesOf({ prefix: this.prefix, stack, image }, this);
    const server = this.server();
    const reached = { primary: server.near, superuser: server.superuser };
    const pooler = declarePooler(this.place(), { ...reached, image: args.poolerImage }, this);
    const login = server.managed ? [server.managed.login(pooler, args.drift["login"])] : [];
    pooler?.configure(login);
    const prepared = this.prepare(server, login);
    const standbys = config.standbys.map((standby) => this.standby(standby, server, prepared));

    this.primary = {
      ...server.far,
      version: config.primary.version,
      databases: config.primary.databases,
      ...(server.managed
        ? { container: server.managed.host, dockerHost: config.dockerHost ?? null }
        : {}),
    };
    this.standbys = Object.fromEntries(
      config.standbys.map(({ name: standby }, i) => [standby, standbys[i]!.address]),
    );
    this.connections = connectionsOf(
      this.primary,
      server.superuser,
      standbys[0]!.address,
      pooler?.address,
    );
    if (pooler) this.pooler = poolerOutput(pooler, config);
    const page = { ...reached, image: args.pgAdminImage, after: login };
    const pgAdmin = declarePgAdmin(this.place(), page, this);
    if (pgAdmin) this.pgAdmin = pgAdmin.access;
    const { dumps, duplicati } = this.dumping(server, prepared);
    this.backups = dumps ? { dumps } : {};
    if (duplicati) this.duplicati = duplicati;
    this.registerOutputs({ primary: this.primary, standbys: this.standbys });
  }

  private server(): Server {
    const { config, stack, initScripts } = this.args;
    if (config.primary.kind === "external") {
      const { host, port, superuser } = config.primary;
      const address = { host, port };
      const password = superuser.password ?? "";
      return { near: address, far: address, superuser: { ...superuser, password } };
    }
    const primary = new Primary(
      "primary",
      {
        engine: this.engine(config.dockerHost),
        prefix: this.prefix,
        stack,
        config: { ...config.primary, maxConnections: managedMaxConnections(config) },
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
      managed: primary,
    };
  }

  /** What works for the servers runs on the stack's first engine. */
  private place() {
    const { config, stack } = this.args;
    return { config, engine: this.engine(config.dockerHost), prefix: this.prefix, stack };
  }

  private prepare(server: Server, after: pulumi.Resource[]): PreparedPrimary {
    const { config, project, stack, drift } = this.args;
    const { primary } = config;
    const { managed, ...needs } = primaryNeeds(config);
    const standbys = config.standbys.map(({ name, dockerHost }) => ({
      name,
      engine: this.engine(dockerHost ?? config.dockerHost),
      address: this.addressFor(dockerHost, server),
    }));
    return new PreparedPrimary(
      "preparation",
      {
        ...needs,
        owner: `${project}/${stack}`,
        stack,
        superuser: server.superuser,
        access: primary.kind === "managed" ? { kind: "sql" } : primary.access,
        standbys,
        drift,
        dataIsKept: managed,
        probesOrder: !managed,
        after,
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
        ...(prepared.textOrder ? { textOrder: prepared.textOrder } : {}),
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

  private dumping({ near, superuser }: Server, prepared: PreparedPrimary): Partial<Dumping> {
    const { config, services, folder } = this.args;
    const { dumps, dockerHost, standbys } = config;
    if (!dumps) return {};
    if (!services) throw new Error("`services` must name the images of what dumps");
    const standby = standbys.find((one) => (one.dockerHost ?? dockerHost) === dockerHost);
    return declareDumping(
      {
        ...this.place(),
        config: { ...config, dumps },
        services,
        folder,
        primary: near,
        ...(standby ? { standby: standbyAddress(config, this.prefix, standby) } : {}),
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
