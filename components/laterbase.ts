import * as pulumi from "@pulumi/pulumi";
import { type ContainerRole, slotName, stackPrefix } from "../contract/names";
import type { StackContext } from "./kit/context";
import { enginesOf } from "./kit/engine";
import { needed, type ServiceImage } from "./kit/image";
import { serviceImage } from "./kit/serviceImage";
import type { ScheduledJob } from "./kit/job";
import { limitProcesses } from "./kit/processLimits";
import { PgAdmin } from "./pgAdmin/pgAdmin";
import { PgBouncer } from "./pgBouncer/pgBouncer";
import { PoolerConfiguration } from "./pgBouncer/poolerConfiguration";
import { managedMaxConnections } from "./pgBouncer/sizes";
import { primaryNeeds } from "./preparedPrimary/needs";
import { PreparedPrimary, type PreparedStandby } from "./preparedPrimary/preparedPrimary";
import { Primary } from "./primary/primary";
import { SuperuserLogin } from "./primary/superuserLogin";
import { Scheduler } from "./scheduler/scheduler";
import { connectionsOf } from "./stack/connections";
import { declareDumps } from "./stack/dumps";
import type { LaterbaseArgs } from "./stack/laterbaseArgs";
import * as outputs from "./stack/outputs";
import { recordOf } from "./stack/recordOf";
import * as servers from "./stack/servers";
import { Standby } from "./standby/standby";

/**
 * A stack: the primary or its preparation, the standbys, and what works for and with them. Destroy
 * leaves data volumes and the secrets without which their data cannot be read.
 *
 * The constructor lists what is declared, in the order of the dependencies. The public fields are
 * the stack's outputs of the same names.
 */
export class Laterbase extends pulumi.ComponentResource implements outputs.DeclaredOutputs {
  readonly primary: outputs.DeclaredOutputs["primary"];
  readonly standbys: outputs.DeclaredOutputs["standbys"];
  /** They are a secret, because they hold the superuser's password. */
  readonly connections: outputs.DeclaredOutputs["connections"];
  /** Empty without dumps. */
  readonly backups: outputs.DeclaredOutputs["backups"];
  readonly duplicati?: NonNullable<outputs.DeclaredOutputs["duplicati"]>;
  readonly pooler?: NonNullable<outputs.DeclaredOutputs["pooler"]>;
  readonly pgAdmin?: NonNullable<outputs.DeclaredOutputs["pgAdmin"]>;

  private readonly stack: StackContext;

  constructor(
    name: string,
    private readonly args: LaterbaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Laterbase", name, recordOf(args), opts);
    const { config, images, project, stack, folder } = args;
    const { timeZone, bindAddress } = config;
    const prefix = stackPrefix(project, stack);
    const engines = enginesOf({ prefix, stack, image: images.postgres }, this);
    const engine = engines.at(config.dockerHost);
    this.stack = { project, stack, prefix, timeZone, bindAddress, engine };

    const primary = this.declarePrimary();
    const server = servers.serverOf(config, this.stack, primary);
    const pooler = this.declarePooler(server);
    const login = this.declareLogin(primary, pooler);
    this.configurePooler(pooler, server, login);
    const standbys = servers.preparedStandbys(config, server, engines.at);
    const prepared = this.preparePrimary(server, standbys, login);
    const addresses = this.declareStandbys(server, standbys, prepared);
    const pgAdmin = this.declarePgAdmin(server, prepared);
    const place = { stack: this.stack, config, images, folder };
    const dumps = declareDumps({ ...place, server, prepared }, this);
    this.declareScheduler(dumps.jobs);
    limitProcesses(engines.all(), this);

    this.primary = outputs.primaryOutput(config, server.far, primary);
    this.standbys = Object.fromEntries(config.standbys.map((own, i) => [own.name, addresses[i]!]));
    const { databases } = config.primary;
    const reached = { primary: server.far, standby: addresses[0], pooler: pooler?.address };
    this.connections = connectionsOf({ databases, superuser: server.superuser, ...reached });
    if (pooler) this.pooler = outputs.poolerOutput(pooler, config.dockerHost);
    if (pgAdmin) this.pgAdmin = pgAdmin.access;
    if (dumps.duplicati) this.duplicati = dumps.duplicati;
    this.backups = dumps.backups;
    this.registerOutputs({ primary: this.primary, standbys: this.standbys });
  }

  private declarePrimary(): Primary | undefined {
    const { config, initScripts } = this.args;
    if (config.primary.kind !== "managed") return undefined;
    const maxConnections = managedMaxConnections(config);
    const own = { stack: this.stack, config: config.primary, maxConnections, initScripts };
    return new Primary("primary", own, { parent: this });
  }

  private declarePooler({ superuser }: servers.Server): PgBouncer | undefined {
    const { config, images } = this.args;
    if (!config.pooler) return undefined;
    const image = needed("pooler", images.pooler);
    const own = { stack: this.stack, config: config.pooler, image, superuser };
    return new PgBouncer("pooler", own, { parent: this });
  }

  /** @returns what logs in as the superuser of a managed primary waits for this */
  private declareLogin(
    primary: Primary | undefined,
    pooler: PgBouncer | undefined,
  ): pulumi.Resource[] {
    if (!primary) return [];
    const own = { stack: this.stack, primary, pooler, drift: this.args.drift["login"] };
    return [new SuperuserLogin("primary", own, { parent: this })];
  }

  private configurePooler(
    pooler: PgBouncer | undefined,
    { near, superuser }: servers.Server,
    after: pulumi.Resource[],
  ): void {
    const { config } = this.args;
    if (!pooler || !config.pooler) return;
    const own = {
      stack: this.stack,
      pooler,
      config: config.pooler,
      databases: servers.namedDatabases(config),
      primary: near,
      standby: servers.firstStandby(config, this.stack),
      superuser: superuser.name,
      withUserlist: config.primary.kind === "external",
      after,
    };
    new PoolerConfiguration("pooler", own, { parent: this });
  }

  private preparePrimary(
    { superuser, near }: servers.Server,
    standbys: PreparedStandby[],
    after: pulumi.Resource[],
  ): PreparedPrimary {
    const { config, drift } = this.args;
    const { managed, ...needs } = primaryNeeds(config);
    const own = {
      ...needs,
      stack: this.stack,
      superuser,
      near: { engine: this.stack.engine, address: near },
      access:
        config.primary.kind === "managed" ? ({ kind: "sql" } as const) : config.primary.access,
      standbys,
      drift,
      dataIsKept: managed,
      probesCollation: !managed,
      after,
    };
    return new PreparedPrimary("preparation", own, { parent: this });
  }

  /** @returns their addresses, in the order of the configuration */
  private declareStandbys(
    server: servers.Server,
    standbys: PreparedStandby[],
    prepared: PreparedPrimary,
  ): Standby["address"][] {
    const { config } = this.args;
    const { user, password, collation } = prepared;
    return config.standbys.map((own, i) => {
      const { engine, address } = standbys[i]!;
      const bindAddress = own.bindAddress ?? this.stack.bindAddress;
      const standby = {
        stack: { ...this.stack, engine, bindAddress },
        config: own,
        primary: servers.followed(config, address, server, this.stack.stack),
        collation,
        replication: { user, password, slot: slotName(own.name) },
        after: [prepared],
      };
      return new Standby(own.name, standby, { parent: this }).address;
    });
  }

  private declarePgAdmin(server: servers.Server, prepared: PreparedPrimary): PgAdmin | undefined {
    const { config, images } = this.args;
    if (!config.pgAdmin) return undefined;
    const login = prepared.pgAdminRole ?? server.superuser;
    const listed = servers.pgAdminServers(config, server, this.stack, login.name);
    const image = this.image("pgadmin", "pgadmin", images.pgAdmin);
    const shown = { config: config.pgAdmin, servers: listed, password: login.password };
    const own = { stack: this.stack, image, ...shown, after: [prepared] };
    return new PgAdmin("pgadmin", own, { parent: this });
  }

  private declareScheduler(jobs: readonly ScheduledJob[]): void {
    if (jobs.length === 0) return;
    const ofelia = this.image("ofelia", "scheduler", this.args.images.ofelia);
    const proxy = this.image("socket-proxy", "scheduler-proxy", this.args.images.socketProxy);
    const own = { stack: this.stack, images: { ofelia, proxy }, jobs };
    new Scheduler("scheduler", own, { parent: this });
  }

  private image(name: string, role: ContainerRole, source?: ServiceImage): pulumi.Output<string> {
    return serviceImage({ name, role, source, stack: this.stack }, this);
  }
}
