import * as pulumi from "@pulumi/pulumi";
import { type ContainerRole, slotName, stackPrefix } from "../contract/names";
import type { StackContext } from "./kit/context";
import { enginesOf } from "./kit/engine";
import type { ServiceImage } from "./kit/image";
import { serviceImage } from "./kit/serviceImage";
import type { ScheduledJob } from "./kit/job";
import { limitProcesses } from "./kit/processLimits";
import type { ObjectStore } from "./objectStore/objectStore";
import { PgAdmin } from "./pgAdmin/pgAdmin";
import { primaryNeeds } from "./preparedPrimary/needs";
import { PreparedPrimary } from "./preparedPrimary/preparedPrimary";
import type { PreparedStandby } from "./preparedPrimary/preparedPrimaryArgs";
import { Primary } from "./primary/primary";
import { Scheduler } from "./scheduler/scheduler";
import { declareAgent } from "./stack/agent";
import { declareApplications, declareOwnerLogins } from "./stack/applications";
import * as backups from "./stack/backups";
import { connectionsOf, insideOf } from "./stack/connections";
import { configurePooler, declareLogin, declarePooler } from "./stack/pooler";
import type { LaterbaseArgs } from "./stack/laterbaseArgs";
import { declareHealth } from "./stack/health";
import * as outputs from "./stack/outputs";
import { recordOf } from "./stack/recordOf";
import * as servers from "./stack/servers";
import { Standby } from "./standby/standby";

/** What backups read and write. */
interface BackedUp {
  archive: backups.Archive | undefined;
  primary: Primary | undefined;
  objectStore: ObjectStore | undefined;
}

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
  /** They are a secret, because they hold the passwords of the databases' owners. */
  readonly connections: outputs.DeclaredOutputs["connections"];
  /** Empty without dumps and backups. */
  readonly backups: outputs.DeclaredOutputs["backups"];
  readonly duplicati?: NonNullable<outputs.DeclaredOutputs["duplicati"]>;
  readonly pooler?: NonNullable<outputs.DeclaredOutputs["pooler"]>;
  readonly pgAdmin?: NonNullable<outputs.DeclaredOutputs["pgAdmin"]>;
  readonly health?: NonNullable<outputs.DeclaredOutputs["health"]>;

  private readonly stack: StackContext;

  constructor(
    name: string,
    private readonly args: LaterbaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Laterbase", name, recordOf(args), opts);
    const { config, images, registry, project, stack, folder, drift } = args;
    const { timeZone, bindAddress } = config;
    const prefix = stackPrefix(project, stack);
    const engines = enginesOf({ prefix, stack, image: images.postgres, registry }, this);
    const engine = engines.at(config.dockerHost);
    this.stack = { project, stack, prefix, timeZone, bindAddress, engine };

    const archive = backups.declareArchive(args, this.stack, this);
    const primary = this.declarePrimary(archive);
    const server = servers.serverOf(config, this.stack, primary);
    const logins = declareOwnerLogins(config, this);
    const place = { stack: this.stack, config, images, folder, server, logins, drift };
    const pooler = declarePooler(place, this);
    const login = declareLogin(place, { primary, pooler, drift }, this);
    configurePooler(place, pooler, login, this);
    const standbys = servers.preparedStandbys(config, server, engines.at);
    const prepared = this.preparePrimary(server, standbys, login);
    const applications = declareApplications({ ...args, ...place, primary, prepared }, this);
    const followers = this.declareStandbys(server, standbys, prepared);
    const pgAdmin = this.declarePgAdmin(server, prepared);
    const objectStore = backups.declareObjectStore(args, this.stack, this);
    const backedUp = this.declareBackups({ archive, primary, objectStore }, followers, prepared);
    const agent = declareAgent({ ...place, prepared, applications, backups: backedUp }, this);
    this.declareScheduler(agent.jobs);
    const all = { ...place, prepared, applications, pooler, agent: agent.monitored, objectStore };
    const health = declareHealth(all, this);
    limitProcesses(engines.all(), this);

    this.primary = outputs.primaryOutput(config, server.far, primary);
    this.standbys = Object.fromEntries(followers.map(({ name: own, address }) => [own, address]));
    const [first] = followers;
    const outside = { primary: server.far, standby: first?.address, pooler: pooler?.address };
    const known = { ...insideOf(config, this.stack, server), logins: logins?.byDatabase };
    this.connections = connectionsOf({ ...known, outside });
    if (pooler) this.pooler = outputs.poolerOutput(pooler, config.dockerHost);
    if (pgAdmin) this.pgAdmin = pgAdmin.access;
    if (agent.duplicati) this.duplicati = agent.duplicati;
    if (health) this.health = health;
    this.backups = agent.backups;
    this.registerOutputs({ primary: this.primary, standbys: this.standbys });
  }

  private declarePrimary(archive: backups.Archive | undefined): Primary | undefined {
    const { config, initScripts, drift } = this.args;
    if (config.primary.kind !== "managed" || !archive) return undefined;
    const limits = servers.primaryLimits(config);
    const { mounts, before } = archive;
    const rotation = config.rotations?.["superuser"];
    const settings = { config: config.primary, ...limits, initScripts, rotation };
    const own = { stack: this.stack, ...settings, mounts, after: before, drift: drift["settings"] };
    return new Primary("primary", own, { parent: this });
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
      rotations: config.rotations,
      after,
    };
    return new PreparedPrimary("preparation", own, { parent: this });
  }

  /** @returns them in the order of the configuration */
  private declareStandbys(
    server: servers.Server,
    standbys: PreparedStandby[],
    prepared: PreparedPrimary,
  ): Standby[] {
    const { config } = this.args;
    const { collation, replication } = prepared;
    return config.standbys.map((own, i) => {
      const { engine, address } = standbys[i]!;
      const bindAddress = own.bindAddress ?? this.stack.bindAddress;
      const standby = {
        stack: { ...this.stack, engine, bindAddress },
        config: own,
        primary: servers.followed(config, address, server, this.stack.stack),
        collation,
        ...("settings" in config.primary ? { settings: config.primary.settings } : {}),
        replication: { ...replication, slot: slotName(own.name) },
        after: [prepared],
      };
      return new Standby(own.name, standby, { parent: this });
    });
  }

  /** @returns what the agent needs to back up; undefined where there are no backups */
  private declareBackups(
    { archive, primary, objectStore }: BackedUp,
    standbys: readonly Standby[],
    prepared: PreparedPrimary,
  ): backups.DeclaredBackups | undefined {
    const { config, drift } = this.args;
    if (!archive || !primary) return undefined;
    const standby = standbys.find(({ engine }) => engine === this.stack.engine);
    const own = { stack: this.stack, config, drift, archive, primary, standby, objectStore };
    return backups.declareBackups({ ...own, after: [prepared] }, this);
  }

  private declarePgAdmin(server: servers.Server, prepared: PreparedPrimary): PgAdmin | undefined {
    const { config, images } = this.args;
    if (!config.pgAdmin) return undefined;
    const login = prepared.pgAdminRole ?? server.superuser;
    const listed = servers.pgAdminServers(config, server, this.stack, login.name);
    const image = this.image("pgadmin", "pgadmin", images.pgAdmin);
    const shown = { config: config.pgAdmin, servers: listed, password: login.password };
    const rotation = config.rotations?.["pgadmin"];
    const own = { stack: this.stack, image, ...shown, rotation, after: [prepared] };
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
